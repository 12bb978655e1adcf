import type { JudgedKind } from '../../model/event'
import { partsOf, readCsv } from './csv'
import { plantedAccount, plantedRobot } from './planted'
import type { RealEvent } from './play'
import { idOf, organicFigures, play } from './play'
import type { RealResult } from './result'
import { told } from './result'

/**
 * Edits of many wikis on one morning, nearly half of them by declared robots: open automation, which nobody may be
 * punished for. An edit is a post, which no detector of inflated numbers judges; so the same edits are also played as if
 * they moved the number of their page, and of their wiki, where robots are a large part of the audience.
 */
export async function* evaluateWikiticker(folder: string): AsyncGenerator<RealResult> {
  const edits: Edit[] = []
  for (const file of partsOf(folder, 'edits-'))
    for await (const edit of readCsv(file, columns)) edits.push(edit)

  yield* organicFigures(set, await play([edits.map(asPost)]), 'posts')
  for (const owner of ['page', 'wiki'] as const) {
    for (const kind of ['comment', 'click', 'forward'] as const) {
      const played = await play([edits.map((edit, row) => asEngagement(edit, row, { kind, owner }))])
      yield* organicFigures(set, played, `as ${kind}s of the ${owner}`)
    }
  }
  yield await plantedFigure(edits)
}

/** Among the same comments, a robot that hides nothing must be found. */
async function plantedFigure(edits: readonly Edit[]): Promise<RealResult> {
  const comments = edits.map((edit, row) => asEngagement(edit, row, { kind: 'comment', owner: 'wiki' }))
  const planted = plantedRobot({
    startMs: Date.parse(edits[Math.floor((edits.length * 2) / 3)]!.time),
    comments: 200,
  })
  const { verdicts } = await play([comments, planted])
  const flagged = [...new Set(verdicts.map(({ accountId }) => accountId))]
  return {
    ...told(set, 'a planted robot among the comments: accounts with a verdict', flagged.join(', ')),
    goal: `${plantedAccount} alone`,
    reached: flagged.length === 1 && flagged[0] === plantedAccount,
  }
}

const set = 'wikiticker'
const columns = ['time', 'actor', 'target', 'channel', 'comment'] as const
type Edit = Readonly<Record<(typeof columns)[number], string>>

function asPost({ time, actor, target, channel, comment }: Edit, row: number): RealEvent {
  return {
    kind: 'post',
    eventId: String(row),
    occurredAt: time,
    actorId: actor,
    accountId: actor,
    contentId: idOf(channel, target),
    // Whoever leaves the summary out has still edited.
    text: comment === '' ? target : comment,
  }
}

function asEngagement(
  { time, actor, target, channel, comment }: Edit,
  row: number,
  { kind, owner }: { kind: JudgedKind; owner: 'page' | 'wiki' },
): RealEvent {
  const page = idOf(channel, target)
  return {
    kind,
    eventId: String(row),
    occurredAt: time,
    actorId: actor,
    accountId: owner === 'page' ? page : channel,
    contentId: page,
    ...(kind === 'click' ? {} : { text: comment === '' ? target : comment }),
  }
}
