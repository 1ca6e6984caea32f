// What the demo prints, and that each claim of it holds: one that does not ends the demo.

/** A claim that does not hold, or a command that did not do what the demo needs. */
export class DemoError extends Error {
  override readonly name = "DemoError";
}

export function say(text: string): void {
  console.log(text);
}

export function heading(text: string): void {
  say(`\n${text}`);
}

/** @throws DemoError when it is not so. */
export function check(isTrue: boolean, claim: string): void {
  if (!isTrue) throw new DemoError(`this should hold, and does not: ${claim}`);
  say(`  ✓ ${claim}`);
}

export const indent = (text: string): string => text.trimEnd().replaceAll(/^/gm, "  ");
