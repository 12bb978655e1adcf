import { randomUUID } from 'node:crypto'
import { appendFileSync, closeSync, fstatSync, fsyncSync, ftruncateSync, mkdirSync, openSync } from 'node:fs'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readSource } from '../log/source'
import { SettingsError, UsageError } from '../model/errors'
import type { Policy as PolicyRecord } from '../model/records'
import { refusalOf } from '../policy/activation'
import { checkVersions, outOfOrder } from '../policy/history'
import type { PlacedPolicy } from '../policy/history'
import { parsePolicy } from '../policy/policy'
import type { Policy } from '../policy/policy'
import { tell } from './tell'

export interface ActivateOptions {
  readonly state?: string
  readonly brokers?: string
  readonly settings?: string
  readonly by: string
  readonly approvedBy?: readonly string[]
  readonly at?: string
}

/** The file of a state folder that says which policies have taken over, one record a line. */
export function policiesIn(folder: string): string {
  return join(folder, 'policies.ndjson')
}

/** The record that puts a policy in force, whole, so that it means the same to an assay with other defaults. */
export function activationOf(
  policy: Policy,
  { by, approvedBy = [], at }: ActivateOptions,
  { nowMs, id }: { readonly nowMs: number; readonly id: string },
): PolicyRecord {
  const occurredAt = at === undefined ? nowMs : Date.parse(at)
  if (!Number.isInteger(occurredAt)) {
    throw new UsageError(`--at should be a moment as ISO 8601, such as 2026-03-01T00:00:00Z, and is ${at}`)
  }
  return {
    kind: 'policy',
    eventId: id,
    occurredAt,
    actorId: by,
    accountId: policy.version,
    text: JSON.stringify(policy),
    ...(approvedBy.length === 0 ? {} : { approvedBy }),
  }
}

/**
 * Throws a `SettingsError` with the reason why a policy cannot be put in force: what ingest would refuse as well, or the
 * name of a version that means something else already.
 */
export function checkActivation(record: PolicyRecord, known: readonly PolicyRecord[], begun: Policy): void {
  const { accountId: version, actorId, text, approvedBy } = record
  const refusal = refusalOf({ version, document: text, approvedBy: [actorId, ...(approvedBy ?? [])] }, begun)
  if (refusal !== undefined) throw new SettingsError(refusal)
  const policyOf = (one: PolicyRecord): Policy => parsePolicy(JSON.parse(one.text))
  const same = known.map(policyOf).find((policy) => policy.version === version)
  checkVersions([
    ...begunWith(begun),
    ...(same === undefined ? [] : [{ policy: same, place: 'an activation of before' }]),
    { policy: policyOf(record), place: 'this one' },
  ])
}

/**
 * Throws a `SettingsError` when a file of policies, which somebody may have written by hand, says two things under one
 * version; gives, in a sentence each, what is not in the order of time. What ingest puts aside is passed over.
 */
export async function checkPolicies(file: string, begun: Policy): Promise<string[]> {
  // What comes through a pipe can be read once, and is for the run.
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return []
  const history: PlacedPolicy[] = []
  let line = 0
  for await (const chunk of readSource(file)) {
    if (chunk.format !== 'lines') break
    for (const text of Buffer.from(chunk.bytes).toString('utf8').replace(/\n$/, '').split('\n')) {
      line++
      for (const { text: document, occurredAt, accountId } of recordsIn(text)) {
        const policy = parsePolicy(JSON.parse(document))
        if (policy.version !== accountId) continue
        // Text too, in what a person wrote.
        history.push({ policy, atMs: new Date(occurredAt).getTime(), place: `line ${line} of ${file}` })
      }
    }
  }
  checkVersions([...begunWith(begun), ...history])
  return outOfOrder(history)
}

/** Stops a command when a file of policies contradicts itself, and says what else is odd in it. */
export async function mustHold(policies: string, begun: Policy): Promise<void> {
  for (const sentence of await checkPolicies(policies, begun)) tell(sentence)
}

function begunWith(policy: Policy): { policy: Policy; place: string }[] {
  return [{ policy, place: 'the policy that it is begun with' }]
}

/** Puts a policy in force for whoever reads the folder, and gives the file. */
export function activateInFolder(folder: string, record: PolicyRecord, begun: Policy): string {
  const file = policiesIn(folder)
  const before = textOf(file)
  checkActivation(record, recordsIn(before), begun)
  mkdirSync(folder, { recursive: true })
  const handle = openSync(file, 'a')
  const { size } = fstatSync(handle)
  try {
    // Not joined with a line that was cut off while it was written: neither could be read.
    const start = before === '' || before.endsWith('\n') ? '' : '\n'
    appendFileSync(handle, `${start}${JSON.stringify(record)}\n`)
    fsyncSync(handle)
  } catch (error) {
    // All of it or nothing, so that the command can be given again.
    ftruncateSync(handle, size)
    throw Object.assign(error as Error, { path: file })
  } finally {
    closeSync(handle)
  }
  return file
}

/** The same for the service, and gives the topic. */
export async function activateInTopic(
  { brokers, settings: file }: Pick<ActivateOptions, 'brokers' | 'settings'>,
  record: PolicyRecord,
  begun: Policy,
): Promise<string> {
  const { policyTopic } = await import('./policy-topic.js')
  return policyTopic({ brokers, settings: file }, async ({ known, append }) => {
    checkActivation(record, recordsIn(known.join('\n')), begun)
    await append(JSON.stringify(record))
  })
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

/** What ingest puts aside as unreadable is passed over here as well. */
function recordsIn(text: string): PolicyRecord[] {
  return text.split('\n').flatMap((line) => {
    try {
      const record = JSON.parse(line) as PolicyRecord
      parsePolicy(JSON.parse(record.text))
      return [record]
    } catch {
      return []
    }
  })
}

export function newId(): string {
  return `policy-${randomUUID()}`
}
