import type { SchemaRegistryClient } from '@confluentinc/schemaregistry/dist/schemaregistry-client'
import type { SchemaRef } from '../../ingest/frame'
import type { Registry, RegistryAnswer } from '../../ingest/registry'
import { UnreachableError } from '../../model/errors'
import type { ServiceSettings } from '../../settings/service-settings'
import { isOfTls } from '../tls-error'

/** Where a registry is and who we are to it. */
export type RegistrySettings = Pick<
  ServiceSettings['registry'],
  'url' | 'username' | 'password' | 'token' | 'timeoutMs'
> & { readonly url: string }

/** It is there, and we do not come in: credentials or certificates have to change. */
export class RegistryRefusal extends UnreachableError {}

/** What a registry holds of a subject last. */
export interface RegisteredSchema {
  readonly version: number
  readonly id: number
  readonly text: string
}

/**
 * A registry with Confluent's interface. Every request has a time limit, follows no redirect and takes no more than a
 * megabyte; what fails is told in a sentence without the request, in which the credentials stand.
 */
export class RegistryClient implements Registry {
  constructor(private readonly settings: RegistrySettings) {}

  async schemaOf(schema: SchemaRef): Promise<RegistryAnswer> {
    try {
      // A client for each question: within one client, a question that hangs would hold up all others.
      const client = await this.client()
      const found =
        typeof schema === 'number'
          ? await client.getBySubjectAndId('', schema)
          : await client.getByGuid(schema)
      if (typeof found.schema !== 'string') return { kind: 'unreachable', why: notARegistry }
      const { schema: text, schemaType = 'AVRO', references = [] } = found
      return { kind: 'schema', type: schemaType, text, hasReferences: references.length > 0 }
    } catch (error) {
      // A registry that has no GUIDs answers 404 without a code of its own.
      if (isNotFound(error) || (typeof schema === 'string' && statusOf(error) === 404))
        return { kind: 'unknown' }
      return { kind: 'unreachable', why: whyOf(error) }
    }
  }

  /** The names of all subjects. */
  async subjects(): Promise<string[]> {
    const subjects = await this.asked((client) => client.getAllSubjects())
    if (Array.isArray(subjects)) return subjects
    throw this.unreachable(notARegistry)
  }

  /** What is registered last, or undefined when nothing is. */
  async latest(subject: string): Promise<RegisteredSchema | undefined> {
    const found = await this.unlessNotFound((client) => client.getLatestSchemaMetadata(subject))
    if (found === undefined) return undefined
    const { version, id } = found
    if (version === undefined || id === undefined) throw this.unreachable(notARegistry)
    return { version, id, text: found.schema }
  }

  /** The level that holds for a subject, its own or the registry's. */
  async compatibility(subject: string): Promise<string> {
    const own = await this.unlessNotFound((client) => client.getConfig(subject))
    const { compatibilityLevel } = own ?? (await this.asked((client) => client.getDefaultConfig()))
    return compatibilityLevel ?? 'NONE'
  }

  /** Whether readers with this schema can read what was written with the last one. */
  async isCompatible(subject: string, text: string): Promise<boolean> {
    const found = await this.unlessNotFound((client) =>
      client.testSubjectCompatibility(subject, { schema: text, schemaType: 'AVRO' }),
    )
    return found ?? true
  }

  /** From now on the registry refuses a schema whose readers could not read what was written before. */
  async requireBackward(subject: string): Promise<void> {
    await this.asked(async (client) => {
      const { Compatibility } = await library()
      return client.updateConfig(subject, { compatibility: Compatibility.BACKWARD })
    })
  }

  /**
   * The id under which the schema is known from now on, or undefined when it is refused as incompatible; a schema that
   * is registered already keeps its id.
   */
  async register(subject: string, text: string): Promise<number | undefined> {
    try {
      const client = await this.client()
      return await client.register(subject, { schema: text, schemaType: 'AVRO' })
    } catch (error) {
      if (statusOf(error) === 409) return undefined
      throw this.unreachable(whyOf(error))
    }
  }

  private async unlessNotFound<T>(ask: (client: SchemaRegistryClient) => Promise<T>): Promise<T | undefined> {
    try {
      return await ask(await this.client())
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw this.unreachable(whyOf(error))
    }
  }

  private async asked<T>(ask: (client: SchemaRegistryClient) => Promise<T>): Promise<T> {
    try {
      return await ask(await this.client())
    } catch (error) {
      throw this.unreachable(whyOf(error))
    }
  }

  private unreachable(why: string): UnreachableError {
    const isRefusal = why.startsWith(refused) || why.startsWith(untrusted)
    return new (isRefusal ? RegistryRefusal : UnreachableError)(
      `the schema registry ${this.settings.url} should answer, but ${why}; see that it runs there and that the address is the one of Confluent's interface`,
    )
  }

  private async client(): Promise<SchemaRegistryClient> {
    const { url, timeoutMs } = this.settings
    const { SchemaRegistryClient } = await library()
    return new SchemaRegistryClient({
      baseURLs: [url],
      maxRetries: 0,
      createAxiosDefaults: {
        // A time limit for all of it; that of axios is for the silence between two bytes.
        signal: AbortSignal.timeout(timeoutMs),
        maxRedirects: 0,
        maxContentLength: maxAnswerBytes,
        headers: this.headers(),
      },
    })
  }

  private headers(): Record<string, string> {
    const { username, password, token } = this.settings
    if (token !== undefined) return { Authorization: `Bearer ${token.reveal()}` }
    if (username === undefined || password === undefined) return {}
    return { Authorization: `Basic ${Buffer.from(`${username}:${password.reveal()}`).toString('base64')}` }
  }
}

/** Loaded when it is needed: it takes 0.2 s, which a command that asks no registry should not pay. */
function library() {
  return import('@confluentinc/schemaregistry/dist/schemaregistry-client.js')
}

/** A registry that knows it does not have something says so with a code of its own; any other 404 is no registry. */
function isNotFound(error: unknown): boolean {
  const code = property(error, 'errorCode')
  return statusOf(error) === 404 && typeof code === 'number' && code > 0
}

function statusOf(error: unknown): unknown {
  return property(error, 'status')
}

/** Never the message or the error itself: they hold the request, its headers, or what a stranger answered. */
function whyOf(error: unknown): string {
  const status = statusOf(error)
  if (status === 401 || status === 403) return `${refused} (status ${status})`
  if (typeof status === 'number' && status >= 300 && status < 400)
    return `it sends us elsewhere (status ${status})`
  if (status === 404) return notARegistry
  const errorCode = property(error, 'errorCode')
  if (typeof status === 'number') {
    return `it failed (status ${status}${typeof errorCode === 'number' && errorCode > 0 ? `, code ${errorCode}` : ''})`
  }
  const code = property(error, 'code')
  if (code === 'ERR_CANCELED' || code === 'ECONNABORTED') return 'no answer came in time'
  if (isOfTls(code)) return `${untrusted} (${String(code)})`
  return typeof code === 'string' && /^[A-Z0-9_]{1,40}$/.test(code)
    ? `it cannot be reached (${code})`
    : notARegistry
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value
    ? (value as Record<string, unknown>)[name]
    : undefined
}

const refused = 'it refuses who we are'
const untrusted = 'the encryption does not come about'
const notARegistry = 'something else answers there'
const maxAnswerBytes = 1_048_576
