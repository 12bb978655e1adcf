import { printable } from '../explain/name'

/** Says a sentence on stderr, in one line: whatever foreign text is in it cannot begin another one, or act on a terminal. */
export function tell(sentence: string): void {
  process.stderr.write(`assay: ${printable(sentence)}\n`)
}

/**
 * Says what may have several lines, such as a stack. What follows the first is set in, so that no text in it can pass for
 * a line of ours.
 */
export function tellLines(text: string): void {
  const [first = '', ...rest] = text.split('\n').map(printable)
  process.stderr.write(`assay: ${[first, ...rest.map(setIn)].join('\n')}\n`)
}

function setIn(line: string): string {
  return line === '' || line.startsWith('  ') ? line : `  ${line}`
}
