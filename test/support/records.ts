/** A record whose length and bytes follow from a number, so that a test knows what should be where. */
export function numberedRecord(number: number): Uint8Array {
  const record = new Uint8Array((number * 37) % 601)
  for (let index = 0; index < record.length; index++) record[index] = (number * 31 + index) & 255
  return record
}
