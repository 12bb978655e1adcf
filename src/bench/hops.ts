import { Session } from 'node:inspector/promises'
import type { Profiler } from 'node:inspector/promises'

/** What an event goes through, in order, and what the engine does on the side. */
export const hops = [
  'read',
  'decode, admit, pack',
  'actor view: order, annotate',
  'trace view: acts on objects, near-copies',
  'crew view: who acts together',
  'network view: clusters',
  'account view: measure',
  'account view: judge, learn',
  'decide',
  'garbage collection',
  'other',
] as const
export type Hop = (typeof hops)[number]

/**
 * Runs a job and tells which share of its time each hop took. The engine looks at the stack a thousand times a second,
 * and the innermost function that belongs to a hop has the sample; time in which the process waits has none. A
 * stopwatch between the hops would need a place in the code, and could not tell measuring from judging in one view.
 */
export async function sharesOfHops(job: () => Promise<void>): Promise<Record<Hop, number>> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.start')
  await job()
  const { profile } = await session.post('Profiler.stop')
  session.disconnect()
  return shares(profile)
}

function shares({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Record<Hop, number> {
  const hopOfNode = new Map<number, Hop | undefined>()
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const visit = (node: Profiler.ProfileNode, above: Hop | undefined): void => {
    // Ingest folds texts as well; what it calls is its own.
    const hop = above === 'decode, admit, pack' ? above : (hopOf(node.callFrame) ?? above)
    hopOfNode.set(node.id, hop)
    for (const child of node.children ?? []) visit(byId.get(child)!, hop)
  }
  visit(nodes[0]!, undefined)

  const spent = Object.fromEntries(hops.map((hop) => [hop, 0])) as Record<Hop, number>
  let total = 0
  samples.forEach((id, index) => {
    if (byId.get(id)!.callFrame.functionName === '(idle)') return
    const micros = timeDeltas[index]!
    spent[hopOfNode.get(id) ?? 'other'] += micros
    total += micros
  })
  for (const hop of hops) spent[hop] /= total
  return spent
}

function hopOf({ functionName, url }: Profiler.ProfileNode['callFrame']): Hop | undefined {
  if (functionName === '(garbage collector)') return 'garbage collection'
  if (url.includes('/views/account/')) {
    if (judging.has(functionName)) return 'account view: judge, learn'
    return functionName === 'fold' || functionName === 'foldNext' ? 'account view: measure' : undefined
  }
  return places.find(([folder]) => url.includes(folder))?.[1]
}

const places: readonly (readonly [string, Hop])[] = [
  ['/log/', 'read'],
  ['/ingest/', 'decode, admit, pack'],
  ['/views/actor/', 'actor view: order, annotate'],
  ['/views/trace/', 'trace view: acts on objects, near-copies'],
  ['/text/', 'trace view: acts on objects, near-copies'],
  ['/views/crew/', 'crew view: who acts together'],
  ['/views/network/', 'network view: clusters'],
  ['/decide/', 'decide'],
]

/** What the account view does when an epoch, a period or an hour has closed. */
const judging = new Set(['judgeBursts', 'closeHoursBefore', 'judgeOpenHour'])
