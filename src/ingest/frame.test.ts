import { formOf, schemaHeader, schemasNamedIn } from './frame'

const guid = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0'
const guidFrame = Buffer.from(`01${guid.replaceAll('-', '')}`, 'hex')
const idFrame = Buffer.from([0, 0, 1, 0, 2])
const body = Buffer.from('body')

function header(value: Uint8Array): Record<string, Uint8Array> {
  return { [schemaHeader]: value }
}

describe('the form of a record', () => {
  it.each([
    ['null is a tombstone', null, {}, { kind: 'dead-letter', reason: 'tombstone' }],
    ['no byte is empty', Buffer.of(), {}, { kind: 'dead-letter', reason: 'empty' }],
    ['an object is JSON', Buffer.from(' \r\n\t{}'), {}, { kind: 'json' }],
    ['any text is JSON, good or not', Buffer.from('click,1'), {}, { kind: 'json' }],
    ['an id stands before the body', Buffer.concat([idFrame, body]), {}, framed(0x10002, 5)],
    ['an id may have an empty body', idFrame, {}, framed(0x10002, 5)],
    ['a GUID stands before the body', Buffer.concat([guidFrame, body]), {}, framed(guid, 17)],
    ['an id stands in the header', body, header(idFrame), framed(0x10002, 0)],
    ['a GUID stands in the header', body, header(guidFrame), framed(guid, 0)],
    [
      'the header goes before the beginning of the body',
      Buffer.concat([idFrame, body]),
      header(guidFrame),
      framed(guid, 0),
    ],
    ['another header says nothing', Buffer.from('{}'), { id: idFrame }, { kind: 'json' }],
    ['a negative id is none', Buffer.from([0, 0x80, 0, 0, 0]), {}, badFrame()],
    ['an empty header is no frame', body, header(Buffer.of()), badFrame()],
    ['a header that goes on is no frame', body, header(Buffer.concat([idFrame, body])), badFrame()],
    ['a header of text is no frame', body, header(Buffer.from('65538')), badFrame()],
  ])('%s', (_what, value, headers, expected) => {
    expect(formOf({ value, headers })).toEqual(expected)
  })

  it('is told for every first byte and length', () => {
    for (let first = 0; first < 256; first++) {
      for (let length = 1; length <= 18; length++) {
        const { kind } = formOf({ value: Buffer.alloc(length, first) })
        // 01 01 01 … is a GUID as good as any; 00 00 00 00 00 is the id 0.
        const isFramed = (first === 0 && length >= 5) || (first === 1 && length >= 17)
        const isText = first === 9 || first === 10 || first === 13 || (first >= 32 && first < 128)
        expect([first, length, kind]).toEqual([
          first,
          length,
          isFramed ? 'framed' : isText ? 'json' : 'dead-letter',
        ])
      }
    }
  })

  it('is read where the bytes lie, in the middle of a larger buffer', () => {
    const large = Buffer.concat([Buffer.from('xxx'), idFrame, guidFrame])
    expect(formOf({ value: large.subarray(3, 8) })).toEqual(framed(0x10002, 5))
    expect(formOf({ value: large.subarray(8) })).toEqual(framed(guid, 17))
  })
})

it('the schemas that records name are each told once', () => {
  const records = [idFrame, Buffer.from('{}'), guidFrame, idFrame, null].map((value) => ({ value }))
  expect([...schemasNamedIn(records)]).toEqual([0x10002, guid])
})

function framed(schema: number | string, frameBytes: number): object {
  return { kind: 'framed', schema, frameBytes }
}

function badFrame(): object {
  return { kind: 'dead-letter', reason: 'bad-frame' }
}
