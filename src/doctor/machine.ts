import { mkdtemp, rm, stat, statfs } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { ServiceSettings } from '../settings/service-settings'
import { failed, fine, unreachable, warning, wrong } from './finding'
import type { Finding, Report } from './finding'

/** The first version of each line in which a message cannot make a table of ours slow on purpose (CVE-2026-21717). */
const safeVersions: readonly (readonly [major: number, minor: number, patch: number])[] = [
  [20, 20, 2],
  [22, 22, 2],
  [24, 14, 1],
  [25, 8, 2],
]

/** Whether the version of Node, such as `v22.22.2`, is one of the safe ones. */
export function checkNode(version: string): Finding {
  const [major = 0, minor = 0, patch = 0] = version.replace(/^v/, '').split('.').map(Number)
  const line = safeVersions.find(([one]) => one === major)
  const isNewer = major > safeVersions.at(-1)![0]
  const isSafe = line !== undefined && (minor > line[1] || (minor === line[1] && patch >= line[2]))
  const seen = { check: 'node', found: version }
  if (isNewer || isSafe) return fine(seen)
  const safe = safeVersions.map((one) => one.join('.'))
  return wrong({
    ...seen,
    expected: `${safe.join(', ')} or newer in the same line`,
    advice: '2 MB of hostile JSON can keep an instance busy for half a minute (CVE-2026-21717); update Node',
  })
}

export function checkPolicy(file: string | undefined, read: () => void): Finding {
  return checkFile({ check: 'policy', of: file ?? '' }, read, {
    withoutFile: fine({ check: 'policy', found: 'the default policy' }),
    withFile: 'it holds',
  })
}

export function checkKey(file: string | undefined, read: () => void): Finding {
  return checkFile({ check: 'key', of: file ?? '' }, read, {
    withoutFile: warning({
      check: 'key',
      found: 'no key file',
      expected: 'keyFile (ASSAY_KEY_FILE)',
      advice:
        'ids are hashed under a key that anybody knows, so that ids can be made to collide; write 32 random bytes to a file, the same for every instance, and name it',
    }),
    withFile: 'it can be read and is long enough',
  })
}

function checkFile(
  seen: { readonly check: string; readonly of: string },
  read: () => void,
  { withoutFile, withFile }: { readonly withoutFile: Finding; readonly withFile: string },
): Finding {
  try {
    read()
  } catch (error) {
    return failed(seen, error)
  }
  return seen.of === '' ? withoutFile : fine({ ...seen, found: withFile })
}

/** Whether checkpoints can be kept where they are to be kept. */
export async function checkState({ store, folder }: ServiceSettings['state'], report: Report): Promise<void> {
  if (store === 'redis') {
    report(fine({ check: 'state', found: 'checkpoints are kept in Redis' }))
    return
  }
  const place = await nearestFolder(resolve(folder))
  report(await checkWriting(folder, place))
  const { bavail, bsize } = await statfs(place)
  report(spaceFinding(folder, bavail * bsize))
}

/** Writes a folder of its own and removes it; the state folder itself is made by the first start. */
async function checkWriting(folder: string, place: string): Promise<Finding> {
  const seen = { check: 'state.folder', of: folder }
  try {
    await rm(await mkdtemp(join(place, '.assay-doctor-')), { recursive: true })
  } catch (error) {
    return unreachable({
      ...seen,
      found: `${place} cannot be written to (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`,
      expected: 'a folder that this user may write to',
      advice: 'no checkpoint can be kept; allow it, or name another one as state.folder (ASSAY_STATE_FOLDER)',
    })
  }
  return fine({ ...seen, found: place === resolve(folder) ? 'it can be written to' : 'it can be made' })
}

/** What there is of a path. */
async function nearestFolder(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  return found !== undefined || dirname(path) === path ? path : nearestFolder(dirname(path))
}

export function spaceFinding(folder: string, freeBytes: number): Finding {
  const seen = {
    check: 'state.space',
    of: folder,
    found: `${(freeBytes / gigabyte).toFixed(1)} GB free`,
    expected: '5 GB or more',
  }
  const advice =
    'three checkpoints of every view are kept, and a disk that is full stops the instance; free some space or name another folder'
  if (freeBytes < gigabyte) return wrong({ ...seen, advice })
  return freeBytes < 5 * gigabyte ? warning({ ...seen, advice }) : fine(seen)
}

const gigabyte = 1e9
