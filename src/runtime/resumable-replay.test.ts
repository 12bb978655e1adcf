import { smallDayLines, textSource } from '../../test/support/pipeline'
import { defaultPolicy } from '../policy/policy'
import type { RawSource } from './intake'
import { ResumableReplay } from './resumable-replay'

const lines = smallDayLines()
const halfway = lines.slice(0, lines.length >> 1).join('')

function replayOf(
  source: RawSource,
  told: string[],
  isStopping: () => boolean = () => false,
): ResumableReplay {
  return new ResumableReplay({
    ...{ policy: defaultPolicy, key: new Uint8Array(32), source, isStopping },
    take: (log, record) => void told.push(`${log} ${Buffer.from(record).toString()}`),
  })
}

async function allOf(text: string): Promise<string[]> {
  const told: string[] = []
  await replayOf(textSource(text), told).run()
  return told
}

it('puts out of two inputs that begin alike what a replay of each puts out, though the beginning is folded once', async () => {
  let isOver = false
  const begin: RawSource = {
    name: 'memory',
    read: async function* (fromPosition) {
      yield* textSource(halfway, { chunkBytes: 50_000 }).read(fromPosition)
      isOver = true
    },
  }
  const told: string[] = []
  const first = replayOf(begin, told, () => isOver)
  await first.run()
  const state = first.save()
  expect(told).not.toEqual([])
  // The rest as it was, and the same without every third line.
  const rests = [lines, lines.filter((_, index) => index % 3 > 0)].map((some) =>
    some.slice(-(some.length >> 1)).join(''),
  )
  for (const rest of rests) {
    const after: string[] = []
    const replay = replayOf(textSource(halfway + rest), after)
    replay.load(state)
    await replay.run()
    expect([...told, ...after]).toEqual(await allOf(halfway + rest))
    expect(after).not.toEqual([])
  }
})
