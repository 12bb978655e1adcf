import fc from 'fast-check'
import produce, { type ProducedMessage } from 'kafkajs/src/protocol/requests/produce'
import { crc32c } from './crc32c'
import { encodeProduce, isPlain } from './produce-request'

beforeEach(() => jest.spyOn(Date, 'now').mockReturnValue(1_700_000_000_000))
afterEach(() => jest.restoreAllMocks())

function requestOf(messages: readonly ProducedMessage[], version = 7) {
  const asked = {
    ...{ acks: -1, timeout: 15_000, compression: 0, producerId: -1, producerEpoch: 0 },
    topicData: [{ topic: 'thema-题', partitions: [{ partition: 3, firstSequence: 0, messages }] }],
  }
  return { asked, encode: produce.protocol({ version })(asked).request.encode }
}

const bytes = fc.uint8Array({ maxLength: 150 }).map((array) => Buffer.from(array))
const text = fc.string({ unit: 'binary', maxLength: 80 })
const field = fc.oneof(bytes, text, fc.constant(null))
const message = fc.record({
  key: field,
  value: field,
  headers: fc.dictionary(text, fc.oneof(bytes, text, fc.array(bytes, { minLength: 1, maxLength: 3 }))),
})

it.each([3, 7])('is what kafkajs writes, byte for byte, in version %i', async (version) => {
  await fc.assert(
    fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 20 }), async (messages) => {
      const { asked, encode } = requestOf(messages, version)
      expect(isPlain(asked)).toBe(true)
      expect(encodeProduce(asked).buffer.equals((await encode()).buffer)).toBe(true)
    }),
    { numRuns: 30 },
  )
})

it('is what kafkajs writes where a length takes one to four bytes', async () => {
  const sizes = [0, 63, 64, 8_191, 8_192, 1_048_575, 1_048_576]
  const { asked, encode } = requestOf(sizes.map((size) => ({ value: Buffer.alloc(size, size % 251) })))
  expect(encodeProduce(asked).buffer.equals((await encode()).buffer)).toBe(true)
})

it('is left to kafkajs where it is compressed, dated, in a transaction or numbered', () => {
  const { asked } = requestOf([{ value: Buffer.of(1) }])
  expect(isPlain({ ...asked, compression: 1 })).toBe(false)
  expect(isPlain({ ...asked, transactionalId: 'one' })).toBe(false)
  expect(isPlain({ ...asked, producerId: 7n })).toBe(false)
  expect(isPlain(requestOf([{ value: null, timestamp: '1' }]).asked)).toBe(false)
})

it('is checked by the sum that the standard gives for its examples', () => {
  // RFC 3720, appendix B.4.
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa)
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43)
  expect(crc32c(Buffer.from(Array.from({ length: 32 }, (_, index) => index)))).toBe(0x46dd794e)
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283)
})
