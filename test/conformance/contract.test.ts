import { Type } from 'avsc'
import { asyncApiDocument } from '../../src/contract/async-api'
import { jsonSchemaOf } from '../../src/contract/json-schema'
import { openApiDocument } from '../../src/contract/open-api'
import { eventNames, recordNames } from '../../src/contract/record-schemas'
import { rawTopicsOf, topicsOf } from '../../src/service/installation'
import { serviceSettings } from '../../src/settings/service-settings'
import { fullExamples } from '../support/contract-examples'
import { jsonSchemaChecker } from '../support/json-schema'
import { startServed, urlOf } from '../support/served'

type Tree = Readonly<Record<string, unknown>>

const ajv = jsonSchemaChecker()
const examples = fullExamples()

describe.each(recordNames)('the JSON Schema of %s', (name) => {
  const check = ajv.compile(jsonSchemaOf(name))

  it('is one, by its own meta-schema', () => {
    expect([ajv.validateSchema(jsonSchemaOf(name)), ajv.errors]).toEqual([true, null])
  })

  it('takes a record with every field filled, one with the fewest, and one with a field of a later day', () => {
    const { required } = jsonSchemaOf(name) as { required: string[] }
    const fewest = Object.fromEntries(
      Object.entries(examples[name]).filter(([key]) => required.includes(key)),
    )
    for (const record of [examples[name], fewest, { ...fewest, addedLater: true }]) {
      expect([check(record), check.errors]).toEqual([true, null])
    }
  })

  it('refuses a record without a field that it cannot do without', () => {
    const { required } = jsonSchemaOf(name) as { required: string[] }
    for (const field of required)
      expect([field, check({ ...examples[name], [field]: undefined })]).toEqual([field, false])
  })
})

it('events may give their times as text, and verdicts may not', () => {
  for (const name of eventNames) {
    const check = ajv.compile({ ...jsonSchemaOf(name), $id: `urn:of-this-test:${name}` })
    const at = (occurredAt: unknown) => check({ ...examples[name], occurredAt, actorCreatedAt: occurredAt })
    expect([name, at('2025-03-01T08:00:00Z'), at('yesterday'), at(1.5)]).toEqual([name, true, false, false])
  }
  const check = ajv.compile({ ...jsonSchemaOf('verdict'), $id: 'urn:of-this-test:verdict' })
  expect(check({ ...examples.verdict, detectedAt: '2025-03-01T08:00:00Z' })).toBe(false)
})

describe('the AsyncAPI document', () => {
  const settings = serviceSettings.parse({})
  const document = asyncApiDocument() as {
    readonly channels: Readonly<Record<string, { address: string; messages: Tree }>>
    readonly operations: Readonly<Record<string, { action: string; channel: Ref; messages: Ref[] }>>
    readonly components: {
      readonly messages: Readonly<Record<string, { payload?: Payload; headers?: object }>>
    }
  }
  interface Ref {
    readonly $ref: string
  }
  interface Payload {
    readonly schemaFormat: string
    readonly schema: object
  }

  it('has every topic that others write or read, each once', () => {
    const { verdicts, corrections, deadLetters } = topicsOf(settings)
    const topics = [...Object.keys(rawTopicsOf(settings)), verdicts, corrections, deadLetters]
    expect(Object.keys(document.channels).sort()).toEqual(topics.sort())
    expect(Object.entries(document.channels).map(([name, { address }]) => [name, address])).toEqual(
      Object.keys(document.channels).map((name) => [name, name]),
    )
  })

  it('refers to nothing that is not there, and an operation only to messages of its channel', () => {
    expect(brokenReferences(document)).toEqual([])
    for (const { action, channel, messages } of Object.values(document.operations)) {
      expect(['send', 'receive']).toContain(action)
      for (const { $ref } of messages) expect($ref).toMatch(`${channel.$ref}/messages/`)
    }
  })

  it('has payloads that are what they say they are', () => {
    const formats = new Set<string>()
    for (const { payload, headers } of Object.values(document.components.messages)) {
      if (headers !== undefined) expect(ajv.validateSchema(headers)).toBe(true)
      if (payload === undefined) continue
      formats.add(payload.schemaFormat)
      if (payload.schemaFormat.includes('avro')) Type.forSchema(payload.schema as never)
      else expect(ajv.validateSchema(payload.schema)).toBe(true)
    }
    expect(formats.size).toBe(2)
  })

  it('names topics as the settings do', () => {
    const kafka = { topics: { likes: 'mixed', clicks: 'click' }, topicPrefix: 'x.', verdictsTopic: 'out' }
    const { channels } = asyncApiDocument(serviceSettings.parse({ kafka })) as typeof document
    expect(Object.keys(channels)).toEqual([
      'likes',
      'clicks',
      'x.policies',
      'out',
      'enforcement.corrections',
      'x.dead-letters',
    ])
  })
})

describe('the OpenAPI document', () => {
  it('is the one that a service answers with', async () => {
    const server = await startServed()
    const response = await fetch(`${urlOf(server)}/openapi.json`)
    expect(JSON.parse(JSON.stringify(openApiDocument()))).toEqual(await response.json())
    await server.close()
  })

  it('refers to nothing that is not there, and its schemas are schemas', () => {
    const document = openApiDocument() as { components: { schemas: Record<string, object> } }
    expect(brokenReferences(document)).toEqual([])
    for (const schema of Object.values(document.components.schemas))
      expect(ajv.validateSchema(schema)).toBe(true)
  })
})

/** Every reference inside a document that leads nowhere. */
function brokenReferences(document: object): string[] {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, path]) => path!)
  expect(references.length).toBeGreaterThan(0)
  return references.filter((path) => {
    let place: unknown = document
    for (const key of path.replace(/^#\//, '').split('/')) place = (place as Tree | undefined)?.[key]
    return place === undefined
  })
}
