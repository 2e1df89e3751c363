/** Which label the nearest images vote for: the twin of `LatentSpace.vote`. */

/**
 * @param {ArrayLike<number>} nearest indices of images, nearest first
 * @param {ArrayLike<number>} labels of all images
 * @param {number} voters how many of the nearest have a vote
 * @returns {{label: number, votes: number}} the most frequent label; the nearest decides a tie
 */
export function elected(nearest, labels, voters) {
  const counts = new Map();
  for (let i = 0; i < Math.min(voters, nearest.length); i++) {
    const label = labels[nearest[i]];
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  let [label, votes] = [-1, 0];
  for (const [candidate, count] of counts) if (count > votes) [label, votes] = [candidate, count];
  return { label, votes };
}
