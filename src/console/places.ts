/** Where one is in the console: what the address says, and nothing else, so that every place survives a reload. */
export type Place =
  | { readonly page: 'flow'; readonly query: URLSearchParams }
  | { readonly page: 'account'; readonly id: string }
  | { readonly page: 'verdict'; readonly id: string }
  | { readonly page: 'cluster'; readonly id: string }
  | { readonly page: 'clusters' }
  | { readonly page: 'policy' }
  | { readonly page: 'missing' }

/** The place at an address, as the location of the page has it. */
export function placeAt({ pathname, search }: { readonly pathname: string; readonly search: string }): Place {
  const [first = '', second, ...rest] = pathname.split('/').slice(1)
  if (rest.length > 0) return { page: 'missing' }
  if (second === undefined) {
    if (first === '') return { page: 'flow', query: new URLSearchParams(search) }
    if (first === 'clusters' || first === 'policy') return { page: first }
    return { page: 'missing' }
  }
  const id = decoded(second)
  const page = pagesOfIds[first]
  return page === undefined || id === undefined || id === '' ? { page: 'missing' } : { page, id }
}

const pagesOfIds: Readonly<Partial<Record<string, 'account' | 'verdict' | 'cluster'>>> = {
  accounts: 'account',
  verdicts: 'verdict',
  clusters: 'cluster',
}

/** The address of what has an id. */
export function addressOf(page: 'account' | 'verdict' | 'cluster', id: string): string {
  return `/${page}s/${encodedId(id)}`
}

/** Any text as a part of an address; what is no text in UTF-8 is not known to anybody, so it only must not fail. */
export function encodedId(id: string): string {
  return encodeURIComponent(id.toWellFormed())
}

/** Where somebody wants to go who typed an id: a verdict and a cluster are told by how they are named. */
export function addressOfTyped(text: string): string {
  if (/^v-[0-9a-f]{32}$/.test(text)) return addressOf('verdict', text)
  if (/^c-[0-9a-f]{16}$/.test(text)) return addressOf('cluster', text)
  return addressOf('account', text)
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part)
  } catch {
    return undefined
  }
}
