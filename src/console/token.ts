/** The token of whoever looks: kept for this tab of the browser alone, and sent to nobody but the service it came from. */
export function keptToken(): string | undefined {
  try {
    return sessionStorage.getItem(name) ?? undefined
  } catch {
    return undefined
  }
}

/** Keeps a token, or forgets it, and begins anew with it; false where it has signs that no token has. */
export function takeToken(token: string | undefined): boolean {
  if (token !== undefined && !/^[\x21-\x7e]{1,512}$/.test(token)) return false
  try {
    if (token === undefined) sessionStorage.removeItem(name)
    else sessionStorage.setItem(name, token)
  } catch {
    return false
  }
  location.reload()
  return true
}

/** What every question carries. */
export function tokenHeader(): Record<string, string> {
  const token = keptToken()
  return token === undefined ? {} : { authorization: `Bearer ${token}` }
}

const name = 'assay-token'
