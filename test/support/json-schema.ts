import { createRequire } from 'node:module'

/** What checks values by JSON Schema 2020-12; the one that fastify brings along. */
interface Ajv {
  compile(schema: object): { (value: unknown): boolean; errors?: unknown[] | null }
  validateSchema(schema: object): boolean | Promise<unknown>
  errors?: unknown[] | null
}

export function jsonSchemaChecker(): Ajv {
  const ofFastify = createRequire(require.resolve('fastify'))
  const ofCompiler = createRequire(ofFastify.resolve('@fastify/ajv-compiler'))
  const { Ajv2020 } = ofCompiler('ajv/dist/2020') as { Ajv2020: new (options: object) => Ajv }
  const { default: addFormats } = ofCompiler('ajv-formats') as { default: (ajv: Ajv) => void }
  // Words of OpenAPI beside those of JSON Schema are no faults.
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats(ajv)
  return ajv
}
