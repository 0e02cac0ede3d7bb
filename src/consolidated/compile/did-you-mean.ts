const LISTED = 12;

/**
 * Text for a message about a name that does not exist: the most similar name, otherwise the available ones.
 * Starts with a space; empty when there are none.
 */
export function didYouMean(wanted: string, names: Iterable<string>): string {
  const all = [...names];
  // Names are short: a longer text is not a misspelling, and the distance costs the product of the lengths.
  if (wanted.length <= 63) {
    let best: string | undefined;
    let bestDistance = Math.max(2, Math.floor(wanted.length / 3)) + 1;
    for (const name of all) {
      const distance = editDistance(wanted.toLowerCase(), name.toLowerCase());
      if (distance < bestDistance) {
        best = name;
        bestDistance = distance;
      }
    }
    if (best !== undefined) return ` Did you mean "${best}"?`;
  }
  if (all.length === 0) return '';
  const listed = all.slice(0, LISTED).join(', ');
  return ` Available: ${listed}${all.length > LISTED ? ', …' : ''}.`;
}

/** An unknown name, shortened and escaped for a message: it comes from the caller. */
export function shown(name: string): string {
  return JSON.stringify(name.length > 63 ? `${name.slice(0, 63)}…` : name);
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[j]! + 1, current[j - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}
