import { z } from 'zod'
import { SettingsError } from '../model/errors'
import { readJsonFile, readTextFile } from './json-file'
import { serviceSettings } from './service-settings'
import type { ServiceSettings } from './service-settings'

type Environment = Readonly<Record<string, string | undefined>>

/** What there must be for a command; everything else has a default or may be left out. */
export type NeededSetting = 'kafka.brokers' | 'registry.url'

/**
 * The settings of the service: those of a JSON file (`file`, else `ASSAY_SETTINGS`, else none), over them those of the
 * environment, over both the defaults. Throws a `SettingsError` that names each fault, and never shows a secret.
 */
export function loadSettings(
  file: string | undefined,
  env: Environment,
  needed: readonly NeededSetting[] = ['kafka.brokers'],
): ServiceSettings {
  const name = file ?? nonEmpty(env['ASSAY_SETTINGS'])
  const written = name === undefined ? {} : readSettingsFile(name)
  const faults: string[] = []
  for (const setting of settingsList) {
    if (setting.isSecret && valueAt(written, setting.path) !== undefined) {
      faults.push(
        `${labelOf(setting)}: should not stand in a file of settings; put it into a file of its own and name that as ${setting.path}File, or set ${setting.env}`,
      )
      continue
    }
    const text = nonEmpty(env[setting.env])
    if (text !== undefined) put(written, setting.path, fromText(text, setting))
  }
  if (faults.length === 0) readSecretFiles(written)
  const parsed = serviceSettings.safeParse(written)
  if (!parsed.success) faults.push(...parsed.error.issues.flatMap((issue) => sentences(issue, written)))
  for (const path of needed) {
    const value = valueAt(written, path)
    if (value === undefined || (Array.isArray(value) && value.length === 0)) {
      faults.push(
        `${labelOf(settingAt(path)!)}: should be set, and is not; it says ${settingAt(path)!.meaning}`,
      )
    }
  }
  if (faults.length > 0 || !parsed.success) {
    const source = name === undefined ? 'the settings of the environment do' : `the settings of ${name} do`
    throw new SettingsError(`${source} not hold: ${faults.join('; ')}`)
  }
  return frozen(parsed.data)
}

/** Where traces go, for a command that needs no other setting: a variable that is wrong elsewhere does not concern it. */
export function loadTelemetry(file: string | undefined, env: Environment): ServiceSettings['telemetry'] {
  const names = settingsList.filter(({ path }) => path.startsWith('telemetry.')).map((setting) => setting.env)
  return loadSettings(file, Object.fromEntries(names.map((name) => [name, env[name]])), []).telemetry
}

/** One setting as documentation and the environment see it. */
export interface SettingDescription {
  readonly path: string
  readonly env: string
  readonly type: string
  readonly default: unknown
  readonly unit: string | undefined
  readonly meaning: string
  readonly isSecret: boolean
}

/** Every setting, in the order of the schema. */
export const settingsList: readonly SettingDescription[] = describe(
  z.toJSONSchema(serviceSettings, { io: 'input' }) as SchemaNode,
  '',
)

interface SchemaNode {
  readonly type?: string
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly enum?: readonly string[]
  readonly default?: unknown
  readonly description?: string
  readonly env?: string
  readonly unit?: string
  readonly isSecret?: boolean
}

function describe(node: SchemaNode, path: string): SettingDescription[] {
  if (node.env !== undefined) {
    return [
      {
        path,
        env: node.env,
        type: node.enum?.join(', ') ?? node.type ?? 'string',
        default: node.default,
        unit: node.unit,
        meaning: node.description ?? '',
        isSecret: node.isSecret ?? false,
      },
    ]
  }
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) =>
    describe(child, path === '' ? key : `${path}.${key}`),
  )
}

function settingAt(path: string): SettingDescription | undefined {
  return settingsList.find((setting) => setting.path === path)
}

type Written = Record<string, unknown>

function readSettingsFile(file: string): Written {
  const written = readJsonFile(file, 'the settings')
  if (isObject(written)) return written
  throw new SettingsError(
    `the settings ${file} should be a JSON object, such as {"kafka": {"brokers": ["…"]}}`,
  )
}

/** Puts what the files of secrets hold where the secrets themselves would stand. */
function readSecretFiles(written: Written): void {
  for (const { path, isSecret } of settingsList) {
    const file = isSecret ? valueAt(written, `${path}File`) : undefined
    if (typeof file !== 'string' || file === '' || valueAt(written, path) !== undefined) continue
    put(written, path, readTextFile(file, `the file of ${path}`).replace(/\r?\n$/, ''))
  }
}

function fromText(text: string, { type }: SettingDescription): unknown {
  switch (type) {
    case 'array':
      return text.split(',').map((item) => item.trim())
    case 'integer':
    case 'number':
      // What is no number stays a text, and is refused with its own words.
      return /^-?\d+(?:\.\d+)?$/.test(text.trim()) ? Number(text) : text
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text
    case 'object':
      try {
        return JSON.parse(text)
      } catch {
        return text
      }
    default:
      return text
  }
}

function sentences(issue: z.core.$ZodIssue, written: Written): string[] {
  const path = issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownSetting(path === '' ? key : `${path}.${key}`, path))
  }
  const setting = settingsList.find((known) => path === known.path || path.startsWith(`${known.path}.`))
  const label = setting === undefined ? path : labelOf(setting, path)
  const value = setting === undefined ? undefined : valueAt(written, path)
  const isShown = setting !== undefined && !setting.isSecret && value !== undefined
  return [`${label}: ${issue.message}${isShown ? `; it is ${shown(value)}` : ''}`]
}

function unknownSetting(path: string, section: string): string {
  const prefix = section === '' ? '' : `${section}.`
  const known = settingsList
    .filter((setting) => setting.path.startsWith(prefix))
    .map((setting) => setting.path.slice(prefix.length).split('.')[0]!)
  return `${path}: is no setting; there are ${[...new Set(known)].join(', ')}`
}

function labelOf({ env, path }: SettingDescription, place = path): string {
  return `${place} (${env})`
}

/** A value as a message may show it: short, and without credentials that were put into an address. */
function shown(value: unknown): string {
  const text = JSON.stringify(value).replace(/:\/\/[^"]*@/g, '://***@')
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}

function valueAt(written: unknown, path: string): unknown {
  let value = written
  // A topic has dots in its name, so what is left of the path may be one key.
  for (let keys = path.split('.'); keys.length > 0; keys = keys.slice(1)) {
    if (!isObject(value) && !Array.isArray(value)) return undefined
    const rest = keys.join('.')
    if (Object.hasOwn(value, rest)) return (value as Written)[rest]
    value = Object.hasOwn(value, keys[0]!) ? (value as Written)[keys[0]!] : undefined
  }
  return value
}

function put(written: Written, path: string, value: unknown): void {
  const keys = path.split('.')
  let section = written
  for (const key of keys.slice(0, -1)) {
    const inner = section[key]
    // What is no section is refused by the schema, with its own words.
    if (inner !== undefined && !isObject(inner)) return
    section = section[key] = inner ?? {}
  }
  section[keys.at(-1)!] = value
}

function isObject(value: unknown): value is Written {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** In a container file an empty variable is one that is not set. */
function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text
}

function frozen<T extends object>(value: T): T {
  for (const part of Object.values(value))
    if (typeof part === 'object' && part !== null) frozen(part as object)
  return Object.freeze(value)
}
