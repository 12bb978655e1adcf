import { useEffect, useState } from 'preact/hooks'
import { placeAt } from './places'
import type { Place } from './places'

/** Goes to an address of the console without loading the page again. */
export function goTo(address: string, { replaces = false }: { readonly replaces?: boolean } = {}): void {
  if (replaces) history.replaceState(null, '', address)
  else history.pushState(null, '', address)
  dispatchEvent(new Event(moved))
}

/** The place one is at, now and after every move. */
export function usePlace(): Place {
  const [place, setPlace] = useState(() => placeAt(location))
  useEffect(() => {
    const follow = (): void => {
      setPlace(placeAt(location))
    }
    addEventListener('popstate', follow)
    addEventListener(moved, follow)
    return () => {
      removeEventListener('popstate', follow)
      removeEventListener(moved, follow)
    }
  }, [])
  return place
}

/** Follows links of the console within the page; whatever asks for a tab of its own, or leads elsewhere, is left to the browser. */
export function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  const link = (event.target as Element | null)?.closest('a')
  if (!link || link.target !== '' || link.origin !== location.origin || link.hasAttribute('download')) return
  if (link.hash !== '' && link.pathname === location.pathname) return
  if (placeAt(link).page === 'missing') return
  event.preventDefault()
  goTo(link.pathname + link.search)
  scrollTo(0, 0)
}

const moved = 'assay-moved'
