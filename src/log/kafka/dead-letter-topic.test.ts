import { deadLetterMessage, readDeadLetter } from './dead-letter-topic'
import type { TopicDeadLetter } from './dead-letter-topic'
import { maxMessageBytes } from './topics'

const letter: TopicDeadLetter = {
  ...{ topic: 'engagement.click', partition: 3, offset: 1042, timeMs: 9, reason: 'malformed-json' },
  key: Buffer.from('key'),
  value: Buffer.from('value'),
  headers: { name: Buffer.from('header') },
}

const bytesOf = ({ key, value, headers = {} }: ReturnType<typeof deadLetterMessage>): number =>
  [key ?? '', value ?? '', ...Object.entries(headers).flat(2)].reduce(
    (sum, part) => sum + Buffer.byteLength(part ?? ''),
    0,
  )

it('is a message of the record itself, and is read from it', () => {
  const { key, value, headers = {} } = deadLetterMessage(letter)
  const written = Object.entries(headers).map(([name, header]) => [name, Buffer.from(header as string)])
  const place = { partition: 0, offset: 0, timestampMs: 0 }
  const read = readDeadLetter({
    ...place,
    key,
    value,
    headers: Object.fromEntries(written) as Record<string, Buffer>,
  })
  expect(read).toEqual(letter)
})

it.each([
  ['a value', { value: Buffer.alloc(7 << 20) }],
  ['a key', { key: Buffer.alloc(7 << 20) }],
  ['a header', { headers: { name: Buffer.alloc(7 << 20) } }],
  [
    'very many headers',
    { headers: Object.fromEntries(Array.from({ length: 400_000 }, (_, at) => [at, Buffer.alloc(0)])) },
  ],
  // Bytes that are no UTF-8 have become a character of three bytes each.
  ['the name of a header', { headers: { ['\ufffd'.repeat(4 << 20)]: Buffer.alloc(0) } }],
])('fits into a message where %s would not, and says that it is a part', (_, large) => {
  const message = deadLetterMessage({ ...letter, ...large })
  expect(message.headers).toMatchObject({ part: 'true', reason: 'malformed-json' })
  expect(bytesOf(message)).toBeLessThan(maxMessageBytes)
})
