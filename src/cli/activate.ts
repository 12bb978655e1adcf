import { randomUUID } from 'node:crypto'
import { mkdirSync, openSync, closeSync, fsyncSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { SettingsError, UsageError } from '../model/errors'
import type { Policy as PolicyRecord } from '../model/records'
import { refusalOf } from '../policy/activation'
import { differencesOf } from '../policy/difference'
import { parsePolicy } from '../policy/policy'
import type { Policy } from '../policy/policy'

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
  const before = [begun, ...known.map((one) => parsePolicy(JSON.parse(one.text)))]
  const same = before.find((policy) => policy.version === version)
  const differences = same === undefined ? [] : differencesOf(same, parsePolicy(JSON.parse(text)))
  if (differences.length > 0) {
    throw new SettingsError(
      `version ${version} is in use and says something else of ${differences[0]!.setting}; give the policy another version`,
    )
  }
}

/** Puts a policy in force for whoever reads the folder, and gives the file. */
export function activateInFolder(folder: string, record: PolicyRecord, begun: Policy): string {
  const file = policiesIn(folder)
  checkActivation(record, recordsIn(textOf(file)), begun)
  mkdirSync(folder, { recursive: true })
  const handle = openSync(file, 'a')
  try {
    writeSync(handle, `${JSON.stringify(record)}\n`)
    fsyncSync(handle)
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
