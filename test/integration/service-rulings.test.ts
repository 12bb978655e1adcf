import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Verdict } from '../../src/model/records'
import { assay, simulated } from '../support/cli'
import { readLines, smallDay, timeOf } from '../support/events'
import { Installation } from '../support/installation'
import { kafkaClient } from '../support/kafka'
import { linesOf } from '../support/outputs'
import { shared } from '../support/stack/shared'
import { temporaryFolders } from '../support/temporary'

jest.setTimeout(420_000)

/**
 * What people decide while the service is at work. Between the two parts of the stream nothing happens, so that rulings
 * of that time find their epoch open, however long the clock on the wall goes on with the topics silent.
 *
 * ```
 *  00:00 ──────── 04:20                04:40 ──────── 06:30, the end
 *                        04:30 policy
 *                        04:31 overturned
 *                        killed, started again
 * ```
 */
const at = (clock: string): number => Date.parse(`2024-03-04T${clock}Z`)
const newFolder = temporaryFolders()
const opened: Installation[] = []
afterEach(async () => {
  for (const installation of opened.splice(0)) await installation.close()
})

it('takes policies and feedback under way, through a kill, as a replay with the same records does', async () => {
  const all = readLines((await simulated(smallDay)).events)
  const first = all.filter((line) => timeOf(line) < at('04:20:00'))
  const second = all.filter((line) => timeOf(line) >= at('04:40:00') && timeOf(line) < at('06:30:00'))
  const before = await replayed(first)
  const wrong = before.verdicts.map(parsed).find(({ offence }) => offence === 'inflated-subscriptions')!
  const { verdictId, accountId } = wrong
  const said = { kind: 'feedback', eventId: 'f-1', occurredAt: at('04:31:00'), actorId: 'ada' }
  const feedback = JSON.stringify({ ...said, accountId, verdictId, decision: 'overturned' })

  const { bootstrap } = await shared('kafka')
  const options = { bootstrap, partitions: 4, hasFeedback: true }
  const installation = new Installation(await kafkaClient(bootstrap), options)
  opened.push(installation)
  await installation.produce(first)
  const instance = installation.start([])
  // What the end of the input would tell is not told yet.
  await installation.until(installation.verdicts, 3, 180_000)
  const policy = join(newFolder(), 'next.json')
  writeFileSync(policy, JSON.stringify({ version: 'next-1', oneWrongIn: 100 }))
  const when = ['--at', new Date(at('04:30:00')).toISOString(), '--brokers', bootstrap]
  const activated = await installation.command(['policy', 'activate', policy, '--by', 'ada', ...when])
  expect(activated.stderr).toContain(`policy next-1 holds from 2024-03-04T04:30:00.000Z on`)
  expect(activated.code).toBe(0)
  await installation.say(feedback)
  // Whoever may tell of engagement cannot overturn: the other verdict stands as in the replay, which never saw this.
  const other = before.verdicts.map(parsed).find((one) => one.verdictId !== verdictId)!
  const forged = { ...said, eventId: 'f-2', accountId: other.accountId, verdictId: other.verdictId }
  await installation.produce([`${JSON.stringify({ ...forged, decision: 'overturned' })}\n`])
  await sleep(1_000)
  await instance.kill()
  await installation.produce(second)
  const again = installation.start()

  const policies = await installation.linesOf(`${installation.name}.policies`)
  expect(policies).toHaveLength(1)
  const expected = await replayed([...first, ...second], { feedback, policies: policies.join('\n') })
  const statuses = expected.verdicts.map(parsed).filter((one) => one.verdictId === verdictId)
  expect(statuses.at(-1)).toMatchObject({ status: 'overturned', policyVersion: 'next-1' })
  expect(expected.verdicts.map(parsed).at(-1)!.policyVersion).toBe('next-1')

  await installation.until(installation.corrections, expected.corrections.length, 180_000)
  await installation.until(installation.verdicts, expected.verdicts.length, 60_000)
  await sleep(1_000)
  for (const output of ['verdicts', 'corrections'] as const) {
    expect(unique(await installation.linesOf(installation[output]))).toEqual(unique(expected[output]))
  }

  const letters = await installation.command(['dead-letters', 'list', '--brokers', bootstrap, '--json'])
  expect(JSON.parse(letters.stdout)).toMatchObject({
    reason: 'misplaced-feedback',
    source: installation.raw,
    letters: 1,
  })

  const url = await again.url
  const served = async (path: string): Promise<unknown> => (await fetch(`${url}/api/v1/${path}`)).json()
  expect(await served('policy')).toMatchObject({ version: 'next-1', oneWrongIn: 100 })
  expect(await served(`verdicts/${verdictId}`)).toMatchObject({ status: 'overturned' })

  const audit = await installation.command(['audit', '--brokers', bootstrap, '--json'])
  const verdicts = expected.verdicts.length
  expect(JSON.parse(audit.stdout)).toMatchObject({ verdicts, derived: verdicts, equal: verdicts, faults: [] })
  expect(audit.code).toBe(0)
})

/** What a replay of the same events and rulings gives. */
async function replayed(
  lines: readonly string[],
  rulings: { readonly feedback?: string; readonly policies?: string } = {},
): Promise<{ readonly verdicts: string[]; readonly corrections: string[] }> {
  const folder = newFolder()
  const written = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const files = [written('events.ndjson', lines.join(''))]
  if (rulings.feedback !== undefined) files.push(written('feedback.ndjson', rulings.feedback))
  if (rulings.policies !== undefined) files.push('--policies', written('policies.ndjson', rulings.policies))
  const outputs = [join(folder, 'verdicts'), join(folder, 'corrections')] as const
  const ended = await assay(['replay', ...files, '--out', outputs[0], '--corrections', outputs[1]])
  expect(ended).toMatchObject({ code: 0 })
  const [verdicts, corrections] = outputs.map((file) => linesOf(readFileSync(file)))
  return { verdicts: verdicts!, corrections: corrections! }
}

function parsed(line: string): Verdict {
  return JSON.parse(line) as Verdict
}

function unique(all: readonly string[]): string[] {
  return [...new Set(all)].sort()
}
