import { entriesIn } from '../http/token-file'
import type { ServiceSettings } from '../settings/service-settings'
import { failed, fine, warning } from './finding'
import type { Report } from './finding'

/** Who may ask the API what: an open door, tokens that cannot be read, that have ended, or that never do. */
export function checkAccess(
  { host, tokenHashes, tokenFile, readWithoutToken }: ServiceSettings['http'],
  { nowMs }: { readonly nowMs: number },
  report: Report,
): void {
  const stranger = readWithoutToken ?? (tokenFile === undefined ? 'operator' : 'nothing')
  if (stranger !== 'nothing' && !isOnThisMachine(host)) {
    report(
      warning({
        check: 'access',
        of: host,
        found: `who reaches this address reads without a token what ${withArticle(stranger)} may`,
        expected: 'http.tokenFile (ASSAY_TOKEN_FILE)',
        advice:
          'make tokens with "assay tokens create" and name their file, or let only those reach it who may read it all',
      }),
    )
  }
  if (tokenHashes.length > 0) {
    report(
      warning({
        check: 'access',
        of: 'http.tokenHashes',
        found: `${tokenHashes.length} tokens without a name, a role or an end`,
        expected: 'tokens in http.tokenFile',
        advice:
          'each may do everything in any name; make others with "assay tokens create", and take these out',
      }),
    )
  }
  if (tokenFile === undefined) return
  try {
    const entries = entriesIn(tokenFile)
    const isNear = ({ expiresAt }: { readonly expiresAt: string }) => Date.parse(expiresAt) < nowMs + weekMs
    const ending = entries.filter(isNear).map(({ name }) => name)
    const seen = { check: 'access', of: tokenFile }
    if (ending.length > 0) {
      const found = `the tokens of ${ending.join(', ')} have ended or do within a week`
      report(warning({ ...seen, found, advice: 'make others with "assay tokens create", and revoke these' }))
    } else report(fine({ ...seen, found: `${entries.length} tokens` }))
  } catch (error) {
    report(failed({ check: 'access', of: tokenFile }, error))
  }
}

function withArticle(role: string): string {
  return `${role === 'viewer' ? 'a' : 'an'} ${role}`
}

function isOnThisMachine(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/.test(host)
}

const weekMs = 7 * 86_400_000
