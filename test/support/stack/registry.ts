import { join } from 'node:path'
import { inNewHome } from './home'
import type { Service } from './home'
import { java, registryJars, registryVersion } from './install'
import { freePorts, host, serves } from './ports'

/** A schema registry that forgets everything when it is killed or started again. */
export interface Registry extends Service {
  /** Where it speaks Confluent's interface. */
  readonly url: string
  stop(): Promise<void>
}

export async function startRegistry(): Promise<Registry> {
  const cwd = await registryJars()
  return inNewHome(async (home) => {
    const [port] = await freePorts(1)
    const url = `http://${host}:${port!}/apis/ccompat/v7`
    const service = await home.run({
      name: 'registry',
      file: java(),
      args: [
        '-Xmx256m',
        '-XX:+UseSerialGC',
        '-XX:TieredStopAtLevel=1',
        `-Dquarkus.http.host=${host}`,
        `-Dquarkus.http.port=${port!}`,
        '-jar',
        join(cwd, `apicurio-registry-app-${registryVersion}-runner.jar`),
      ],
      cwd,
      answers: () => serves(`${url}/subjects`),
    })
    return Object.assign(service, { url, stop: () => home.close() })
  })
}
