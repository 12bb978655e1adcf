import { RegistryClient, RegistryRefusal } from '../log/registry/registry-client'
import { readClock } from './clock'
import type { ClockReading } from './clock'
import type { Setup } from './diagnose'
import { failed, fine, warning, wrong } from './finding'
import type { Finding, Report } from './finding'

/** How a subject of the contract stands in the registry. */
export interface CheckedSchema {
  readonly subject: string
  readonly state: 'not registered' | 'same' | 'compatible' | 'incompatible' | 'unprotected'
  readonly remark: string | null
}

/** Whether the registry answers and what it holds can be read; gives what its clock shows. */
export async function checkRegistry(
  { settings, checkSchemas, nowMs }: Setup,
  report: Report,
): Promise<ClockReading[]> {
  const { registry } = settings
  const { url } = registry
  if (url === undefined) {
    const advice =
      'only JSON is read; name one as registry.url (ASSAY_REGISTRY_URL) where producers write Avro'
    report(fine({ check: 'registry', found: 'none', advice }))
    return []
  }
  const timeoutMs = Math.min(registry.timeoutMs, patienceMs)
  const schemas = checkSchemas(new RegistryClient({ ...registry, url, timeoutMs }))
  const clock = readClock({ of: url, nowMs, toleranceMs: 1_000 }, () => timeOf(url, timeoutMs))
  // Whoever fails first must not leave the other one alone with its error.
  const [checked, reading] = await Promise.allSettled([schemas, clock])
  if (checked.status === 'rejected') {
    report(failureFinding(url, checked.reason))
    return []
  }
  report(fine({ check: 'registry', of: url, found: 'it answers' }))
  checked.value.map(schemaFinding).forEach(report)
  return reading.status === 'fulfilled' ? reading.value : []
}

function failureFinding(of: string, error: unknown): Finding {
  if (!(error instanceof RegistryRefusal)) return failed({ check: 'registry', of }, error)
  return wrong({
    check: 'registry',
    of,
    found: error.message,
    expected: 'a registry that lets us in',
    advice:
      'see registry.username and password, or token; over TLS, that Node trusts its certificate (NODE_EXTRA_CA_CERTS)',
  })
}

function schemaFinding({ subject, state, remark }: CheckedSchema): Finding {
  const seen = { check: 'schema', of: subject, found: remark ?? state }
  switch (state) {
    case 'incompatible':
      return wrong({
        ...seen,
        expected: 'a schema that ours can be resolved with',
        advice: 'records written with it become dead letters; "assay schemas check" says more',
      })
    case 'unprotected':
      return warning({
        ...seen,
        expected: 'BACKWARD or stricter',
        advice: 'a producer may register what cannot be read, and nobody refuses it',
      })
    case 'not registered':
    case 'same':
    case 'compatible':
      return fine(seen)
  }
}

/** The time that a server gives with every answer, whatever the answer is; whole seconds. Without credentials. */
async function timeOf(url: string, timeoutMs: number): Promise<number | undefined> {
  const { headers, body } = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) })
  await body?.cancel()
  const timeMs = Date.parse(headers.get('date') ?? '')
  // In the middle of the second that it names.
  return Number.isNaN(timeMs) ? undefined : timeMs + 500
}

const patienceMs = 3_000
