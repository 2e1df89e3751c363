/**
 * Takes images from the clipboard: a button, and Ctrl-V anywhere on the page. Says too which
 * files are too large to be sent: the uploader beside it would forget to.
 */

const instances = new WeakMap();

/** Streamlit calls it at mounting and whenever the session changes. */
export default function paste({ parentElement, data, setTriggerValue }) {
  const known = instances.get(parentElement);
  if (known) {
    known.tell = setTriggerValue;
    return known.close;
  }
  const said = parentElement.querySelector(".said");
  const instance = { tell: setTriggerValue };
  const say = (words, failed = true) => {
    said.textContent = words;
    said.classList.toggle("failed", failed);
  };
  /** @param {Blob[]} images */
  const take = async (images) => {
    if (!images.length) return say("There is no image in the clipboard: copy one first.");
    const small = images.filter(({ size }) => size <= data.most);
    const refused = small.length < images.length;
    say(refused ? `An image of more than ${data.most / 1e6} MB is not read: copy a smaller one.` : "");
    const read = await Promise.all(small.map(async (blob) => ({ name: blob.name ?? "", url: await addressOf(blob) })));
    if (read.length) instance.tell("images", read);
    return undefined;
  };
  parentElement.querySelector("button").onclick = async () => {
    try {
      await take(await clipboardImages());
    } catch {
      say("The browser keeps the clipboard to itself: press Ctrl-V, or on a Mac ⌘-V.", false);
    }
  };
  const onFiles = (event) => {
    const files = [...(event.dataTransfer?.files ?? event.target?.files ?? [])];
    if (!files.length) return;
    const large = files.filter(({ size }) => size > data.most);
    const limit = `at most ${data.most / 1e6} MB are read. Save it smaller.`;
    say(large.map(({ name, size }) => `${name}: this file has ${Math.ceil(size / 1e6)} MB; ${limit}`).join("\n"));
  };
  const onPaste = (event) => {
    if (event.composedPath()[0]?.matches?.("input, textarea, [contenteditable]")) return;
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length) take(files);
  };
  const listened = [["paste", onPaste], ["drop", onFiles], ["change", onFiles]];
  for (const [name, handler] of listened) document.addEventListener(name, handler, true);
  instance.close = () => {
    for (const [name, handler] of listened) document.removeEventListener(name, handler, true);
    instances.delete(parentElement);
  };
  instances.set(parentElement, instance);
  return instance.close;
}

async function clipboardImages() {
  const items = await navigator.clipboard.read();
  const images = items.map((item) => [item, item.types.find((type) => type.startsWith("image/"))]);
  return Promise.all(images.filter(([, type]) => type).map(([item, type]) => item.getType(type)));
}

/** @returns {Promise<string>} data:…;base64,… */
function addressOf(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
