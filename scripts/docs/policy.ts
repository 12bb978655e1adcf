import { z } from 'zod'
import { allDetectors } from '../../src/detectors'
import { settingsOf } from '../../src/detectors/detector'
import { policySchema } from '../../src/policy/policy'
import { typeOf } from './http'
import type { Schema } from './http'
import { code, page, prose, table } from './markdown'

interface PolicyNode extends Schema {
  readonly properties?: Readonly<Record<string, PolicyNode>>
  readonly additionalProperties?: PolicyNode | boolean
}

export function policyPage(): string {
  const { properties = {} } = z.toJSONSchema(policySchema, { io: 'input' }) as PolicyNode
  const others = Object.fromEntries(Object.entries(properties).filter(([name]) => name !== 'detectors'))
  return page(
    'Policy',
    'Everything that changes a decision, as one versioned JSON document; what it leaves out is as in the default policy. ' +
      '`assay policy show` prints it, `assay policy schema` its JSON Schema. Why it is so: ' +
      '[src/policy](../../src/policy/README.md); how to change it: [Change a policy](../how-to/change-a-policy.md).',
    table(['field', 'type and bounds', 'default', 'meaning'], rowsOf(others, '')),
    '## Detectors',
    'Each has a `mode` (`off`, `shadow` or `live`, the default) and settings of its own, at `detectors.NAME`.',
    ...allDetectors.flatMap((detector) => [
      `### ${detector.name}`,
      `${detector.summary} Finds ${code(detector.offence)}, version ${detector.version}. ` +
        `[How it sees it](../../src/detectors/${detector.name}/README.md).`,
      table(
        ['setting', 'default', 'bounds', 'meaning'],
        settingsOf(detector.params).map(([name, { default: value, min, max, meaning }]) => [
          code(name),
          code(String(value)),
          `${min} to ${max}`,
          prose(meaning),
        ]),
      ),
    ]),
  )
}

/** A field of the document and those inside it; what has no fields of its own is a row. */
function rowsOf(properties: Readonly<Record<string, PolicyNode>>, path: string): string[][] {
  return Object.entries(properties).flatMap(([name, node]) => {
    const place = path === '' ? name : `${path}.${name}`
    const inner = node.properties
    if (inner !== undefined) {
      const own = node.description === undefined ? [] : [[code(place), 'object', '', prose(node.description)]]
      return [...own, ...rowsOf(inner, place)]
    }
    if (node.type === 'array' && node.items?.properties !== undefined) {
      const items = node.items.properties as Readonly<Record<string, PolicyNode>>
      return [
        [code(place), 'list', code(JSON.stringify(node.default ?? null)), prose(node.description ?? '')],
        ...rowsOf(items, `${place}[]`),
      ]
    }
    const { default: value, ...rest } = node
    return [
      [
        code(place),
        typeText(rest),
        value === undefined ? 'none' : code(JSON.stringify(value)),
        prose(node.description ?? ''),
      ],
    ]
  })
}

function typeText(node: PolicyNode): string {
  if (typeof node.additionalProperties === 'object') return `object of ${typeOf(node.additionalProperties)}`
  return typeOf(node)
}
