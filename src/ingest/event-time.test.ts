import fc from 'fast-check'
import { parseIsoTime } from './event-time'

function parse(text: string): number {
  const bytes = new TextEncoder().encode(text)
  return parseIsoTime(bytes, 0, bytes.length)
}

describe('a moment in ISO 8601', () => {
  it.each([
    ['2026-03-01T08:30:00Z', '2026-03-01T08:30:00.000Z'],
    ['2026-03-01t08:30:00z', '2026-03-01T08:30:00.000Z'],
    ['2026-03-01 08:30:00Z', '2026-03-01T08:30:00.000Z'],
    ['2026-03-01T08:30:00.2Z', '2026-03-01T08:30:00.200Z'],
    ['2026-03-01T08:30:00.123456789Z', '2026-03-01T08:30:00.123Z'],
    ['2026-03-01T08:30:00+08:00', '2026-03-01T00:30:00.000Z'],
    ['2026-03-01T08:30:00-0530', '2026-03-01T14:00:00.000Z'],
    ['2026-03-01T08:30:00+08', '2026-03-01T00:30:00.000Z'],
    ['2024-02-29T23:59:59Z', '2024-02-29T23:59:59.000Z'],
    ['2000-01-01T00:00:00Z', '2000-01-01T00:00:00.000Z'],
    ['2100-02-28T12:00:00Z', '2100-02-28T12:00:00.000Z'],
  ])('reads %s', (text, moment) => {
    expect(parse(text)).toBe(Date.parse(moment))
  })

  it.each([
    '2026-03-01',
    '2026-03-01T08:30:00',
    '2026-03-01T08:30Z',
    '2026-3-1T08:30:00Z',
    '2026-02-29T08:30:00Z',
    '2026-13-01T08:30:00Z',
    '2026-00-01T08:30:00Z',
    '2026-04-31T08:30:00Z',
    '2026-03-00T08:30:00Z',
    '2026-03-01T24:00:00Z',
    '2026-03-01T08:60:00Z',
    '2026-03-01T08:30:60Z',
    '2026-03-01T08:30:00.Z',
    '2026-03-01T08:30:00.1234567890Z',
    '2026-03-01T08:30:00+24:00',
    '2026-03-01T08:30:00+08:60',
    '2026-03-01T08:30:00+8:00',
    '2026-03-01T08:30:00Z ',
    '2026/03/01T08:30:00Z',
    '2026-03-01\u000008:30:00Z',
    '１０２６-03-01T08:30:00Z',
    'Infinity and then some',
    '',
  ])('refuses %j', (text) => {
    expect(parse(text)).toBeNaN()
  })

  it('means what the platform means, for every moment of two centuries', () => {
    const moments = fc.integer({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2190, 0, 1) })
    fc.assert(
      fc.property(moments, (ms) => {
        expect(parse(new Date(ms).toISOString())).toBe(ms)
      }),
    )
  })
})
