import fc from 'fast-check'
import { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import { Watermark } from './watermark'

describe('Watermark', () => {
  it('waits for the slowest source', () => {
    //  append     0    1    2    3
    //  a          10        30
    //  b               20        25
    //  watermark  10   10   20   25
    expect(play({ idleSpanMs: 100 }, '0:a10 1:b20 2:a30 3:b25')).toBe('10 10 20 25')
  })

  it('leaves out a source that is silent while others move on by the idle span', () => {
    //  append     0    1    2    8    10   11
    //  a          10        30   80   90   95
    //  b               20   silent …
    //  watermark  10   10   20   20   20   95     b spoke at 1, so at 11 it is idle (span 10)
    expect(play({ idleSpanMs: 10 }, '0:a10 1:b20 2:a30 8:a80 10:a90 11:a95')).toBe('10 10 20 20 20 95')
  })

  it('never goes back when an idle source wakes up behind', () => {
    //  append     0    1    20   21   22
    //  a          10        80        90
    //  b               20        30
    //  watermark  10   10   80   80   80     held by b again, but not taken back
    expect(play({ idleSpanMs: 10 }, '0:a10 1:b20 20:a80 21:b30 22:a90')).toBe('10 10 80 80 80')
  })

  it('does not wait for a source that has ended, and ends with the last of them', () => {
    expect(play({ idleSpanMs: 10 }, '0:a10 1:b20 2:aInfinity 3:bInfinity')).toBe('10 10 20 Infinity')
  })

  it('goes by the source that spoke last where nobody is waited for', () => {
    //  append     0    1    1
    //  a          10
    //  b               20
    //  c                    15
    expect(play({ idleSpanMs: 0 }, '0:a10 1:b20 1:c15')).toBe('10 20 20')
  })

  it('says nothing before the first mark', () => {
    expect(new Watermark({ idleSpanMs: 10 }).watermarkMs).toBe(Number.NEGATIVE_INFINITY)
  })

  it('takes an older mark of a source for news of its life only', () => {
    expect(play({ idleSpanMs: 10 }, '0:a10 0:b50 9:a5 15:b60')).toBe('10 10 10 10')
  })

  it('never goes back and never passes a source that is awake, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(marks), fc.integer({ min: 1, max: 30 }), (list, idleSpanMs) => {
        const watermark = new Watermark({ idleSpanMs })
        const latest = new Map<string, { watermarkMs: number; appendMs: number }>()
        let before = Number.NEGATIVE_INFINITY
        for (const mark of list) {
          watermark.note(mark)
          const known = latest.get(mark.source) ?? mark
          latest.set(mark.source, {
            watermarkMs: Math.max(known.watermarkMs, mark.watermarkMs),
            appendMs: Math.max(known.appendMs, mark.appendMs),
          })
          expect(watermark.watermarkMs).toBeGreaterThanOrEqual(before)
          const now = Math.max(...[...latest.values()].map(({ appendMs }) => appendMs))
          const awake = [...latest.values()].filter(({ appendMs }) => appendMs > now - idleSpanMs)
          const least = Math.min(...awake.map(({ watermarkMs }) => watermarkMs))
          expect(watermark.watermarkMs).toBe(Math.max(before, least))
          before = watermark.watermarkMs
        }
      }),
    )
  })

  it('goes on after a restart as if nothing had happened', () => {
    fc.assert(
      fc.property(fc.array(marks), fc.array(marks), (early, late) => {
        const unbroken = new Watermark({ idleSpanMs: 10 })
        for (const mark of early) unbroken.note(mark)
        const restored = restart(unbroken)
        for (const mark of late) {
          unbroken.note(mark)
          restored.note(mark)
          expect(restored.watermarkMs).toBe(unbroken.watermarkMs)
        }
      }),
    )
  })
})

it('knows after a restart which sources have ended, and how late it is in the log', () => {
  //  append     1    2          3        8    20   15
  //  a          20   Infinity                 80   95     b is idle (span 10) as long as the 20 is known
  //  b                          30       20
  const ended = new Watermark({ idleSpanMs: 10 })
  ended.note({ source: 'a', watermarkMs: 20, appendMs: 1 })
  ended.note({ source: 'a', watermarkMs: Number.POSITIVE_INFINITY, appendMs: 2 })
  expect(restart(ended).watermarkMs).toBe(Number.POSITIVE_INFINITY)
  const waiting = new Watermark({ idleSpanMs: 10 })
  waiting.note({ source: 'b', watermarkMs: 10, appendMs: 1 })
  waiting.note({ source: 'a', watermarkMs: Number.POSITIVE_INFINITY, appendMs: 2 })
  const restored = restart(waiting)
  restored.note({ source: 'b', watermarkMs: 30, appendMs: 3 })
  expect(restored.watermarkMs).toBe(30)

  const idle = new Watermark({ idleSpanMs: 10 })
  idle.note({ source: 'b', watermarkMs: 20, appendMs: 8 })
  idle.note({ source: 'a', watermarkMs: 80, appendMs: 20 })
  const again = restart(idle)
  again.note({ source: 'a', watermarkMs: 95, appendMs: 15 })
  expect(again.watermarkMs).toBe(95)
})

const marks = fc.record({
  source: fc.constantFrom('a', 'b', 'c'),
  watermarkMs: fc.oneof(fc.nat(100), fc.constant(Number.POSITIVE_INFINITY)),
  appendMs: fc.nat(100),
})

/** Marks as `append:source watermark`; gives the watermark after each. */
function play(options: { idleSpanMs: number }, marks: string): string {
  const watermark = new Watermark(options)
  const said = marks.split(' ').map((mark) => {
    const [append, rest] = mark.split(':') as [string, string]
    watermark.note({ source: rest[0]!, watermarkMs: Number(rest.slice(1)), appendMs: Number(append) })
    return watermark.watermarkMs
  })
  return said.join(' ')
}

function restart(watermark: Watermark): Watermark {
  const out = new SnapshotWriter()
  watermark.save(out, 'watermark')
  const restored = new Watermark(watermark.options)
  restored.load(new SnapshotReader(out.parts()), 'watermark')
  return restored
}
