/** What a half-step does, in words, and the numbers beside it. */

import { reached } from "./curve.js";

const [SURE, LIKELY, SOME] = [0.97, 0.6, 0.1]; // responsibilities that are worth a word

export class Told {
  /** @param {ParentNode} root */
  constructor(root) {
    this.find = (name) => root.querySelector(`.${name}`);
  }

  say(trace, half, scene) {
    const [title, words] = half === 0 ? start(trace, scene) : half % 2 ? eStep(scene) : mStep(trace, half, scene);
    this.find("does").textContent = title;
    this.find("words").textContent = words;
    this.find("beside").textContent = beside(trace, half, scene);
    this.find("lies").textContent = scene.note;
    const { likelihood, bound } = reached(trace, half);
    this.find("likelihood").textContent = nats(likelihood);
    this.find("bound").textContent = nats(bound);
    this.find("gap").textContent = Math.max(0, likelihood - bound).toFixed(4);
    this.find("why").textContent = why(trace, half);
  }

  invite({ noun, placed }) {
    return `Point at ${noun === "image" ? "an image" : "a point"}, or click it, to see who is responsible for it${placed ? "; the star is your own image" : ""}.`;
  }

  point({ noun, names, made }, points, index) {
    const label = names[points.arrays.labels[index]];
    const number = points.arrays.indices[index];
    return `${noun === "image" ? "Image" : "Point"} ${number} · ${made} ${label}`;
  }

  /** What the shares come to. */
  verdict(half, resp) {
    if (half === 0) return "Before the first E-step all are equally responsible.";
    const order = Array.from(resp.keys()).sort((a, b) => resp[b] - resp[a]);
    const [first, second] = order.map((k) => k + 1);
    if (resp[order[0]] > SURE) return `Almost surely component ${first} made it.`;
    if (resp[order[0]] > LIKELY) return `Most likely component ${first} made it, perhaps ${second}.`;
    const sharers = order.filter((k) => resp[k] > SOME).map((k) => k + 1);
    return `Nobody can say who made it: ${listed(sharers)} share it.`;
  }

  hard(half, owner) {
    return half === 0 ? "" : `k-means gives all of it to ${owner + 1}, however close the others are.`;
  }
}

function listed(numbers) {
  const last = numbers.at(-1);
  return numbers.length < 2 ? `${last} and others` : `${numbers.slice(0, -1).join(", ")} and ${last}`;
}

/** With a minus that is as wide as a plus. */
function nats(value) {
  return value.toFixed(4).replace("-", "−");
}

function start(trace, { noun }) {
  const guesses = trace.count === 1 ? "One component" : `${trace.count} components`;
  return ["Start", `${guesses}, placed by the start. Nobody has asked yet which ${noun} belongs to which, `
    + "so all are grey: each component is equally responsible for each of them."];
}

function eStep({ noun }) {
  return ["E-step: who made it?", `Each ${noun} asks every component how likely it is to have made it. The answers are shares `
    + "that sum to 100 %: its responsibilities. They mix its colour. Large: it is sure of one component. Small: it is torn between several."];
}

function mStep(trace, half, { noun }) {
  const step = half >> 1;
  const [title, words] = ["M-step: move to what is yours", `Each component moves to the mean of all ${noun}s and takes on their spread, `
    + `every ${noun} counted by its share. Its weight is the sum of its shares.`];
  if (step < trace.steps) return [title, words];
  return trace.converged
    ? ["Converged", `After ${step} steps another one would change next to nothing: who is responsible and where the components are agree with each other.`]
    : ["Out of steps", `Not converged within ${step} steps: it may still climb. Allow more steps above the map.`];
}

function beside(trace, half, { init }) {
  if (half === 0) {
    return "k-means starts from as many centers, and knows no shapes and no shares."
      + (init === "kmeans" ? " The mixture starts from where it will end." : "");
  }
  if (half > 2 * trace.meansSteps) return `k-means came to rest after ${trace.meansSteps} steps. Every dot has one owner, also those halfway between two.`;
  return half % 2
    ? "Every dot goes to the nearest center, entirely: hard clusters."
    : "Every center moves to the mean of its own dots.";
}

function why(trace, half) {
  if (half === 0) return "The bound is what the responsibilities let us claim of the log-likelihood. With equal shares for all it is far below.";
  if (half % 2) return "The E-step closes the gap: with these responsibilities the bound touches the log-likelihood.";
  const step = half >> 1;
  const rise = trace.logLikelihoods[step] - trace.logLikelihoods[step - 1];
  return `The M-step lifts the bound, and the log-likelihood above it: by ${rise < 5e-5 ? "less than 0.0001" : rise.toFixed(4)} in this step. So it can never fall.`;
}
