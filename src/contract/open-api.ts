import { Registry } from 'prom-client'
import { documentOf } from '../http/openapi'
import { routesOf } from '../http/routes'
import { MemoryStanding } from '../store/standing-memory'

/** What `/openapi.json` of a service answers, without one: a service that knows nothing describes itself the same. */
export function openApiDocument(): object {
  const routes = routesOf({
    port: 0,
    standing: new MemoryStanding(),
    readiness: () => [],
    registry: new Registry(),
    policy: () => undefined,
    tokens: [],
  })
  return documentOf(routes, '1')
}
