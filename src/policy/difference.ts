import { z } from 'zod'
import { policySchema } from './policy'
import type { Policy } from './policy'

/** One setting in which two policies differ. */
export interface Difference {
  /** Where it stands, such as `detectors.inflated-clicks.minCount`. */
  readonly setting: string
  /** Null where the policy does not have it. */
  readonly before: unknown
  readonly after: unknown
  /** What the setting does. */
  readonly meaning: string
}

/** What changes when one policy takes over from another, setting by setting, in the order of the schema. Lists are whole. */
export function differencesOf(before: Policy, after: Policy): Difference[] {
  const old = settingsIn(before, [])
  const young = settingsIn(after, [])
  return [...new Set([...old.keys(), ...young.keys()])]
    .filter((setting) => JSON.stringify(old.get(setting)) !== JSON.stringify(young.get(setting)))
    .map((setting) => ({
      setting,
      before: old.get(setting) ?? null,
      after: young.get(setting) ?? null,
      meaning: meaningOf(setting.split('.')),
    }))
}

function settingsIn(value: unknown, path: readonly string[]): Map<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return new Map([[path.join('.'), value]])
  }
  return new Map(Object.entries(value).flatMap(([name, part]) => [...settingsIn(part, [...path, name])]))
}

/** What the schema says of a setting, or of the nearest one around it that it says something of. */
function meaningOf(path: readonly string[]): string {
  let node: SchemaNode | undefined = schema
  let meaning = ''
  for (const name of path) {
    node = node.properties?.[name] ?? asNode(node.additionalProperties)
    if (node === undefined) break
    meaning = node.description ?? meaning
  }
  return meaning
}

interface SchemaNode {
  readonly description?: string
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly additionalProperties?: boolean | SchemaNode
}

function asNode(value: boolean | SchemaNode | undefined): SchemaNode | undefined {
  return typeof value === 'object' ? value : undefined
}

const schema = z.toJSONSchema(policySchema, { io: 'input' }) as SchemaNode
