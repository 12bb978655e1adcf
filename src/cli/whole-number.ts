import { InvalidArgumentError } from 'commander'

/** Reads an argument that counts something. */
export function wholeNumber(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('a whole number from 1 on was expected.')
  return value
}
