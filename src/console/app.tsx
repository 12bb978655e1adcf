import { useEffect, useRef } from 'preact/hooks'
import { AccountPage } from './pages/account'
import { ClusterPage, ClustersPage } from './pages/cluster'
import { FlowPage } from './pages/flow'
import { PolicyPage } from './pages/policy'
import { VerdictPage } from './pages/verdict'
import { plainly } from './parts/text'
import { addressOfTyped } from './places'
import type { Place } from './places'
import { followLinks, goTo, usePlace } from './router'
import { languages, SettingsProvider, themes, useSettings, useWords } from './settings'
import type { Language, Theme } from './settings'
import { keptToken, takeToken } from './token'

/** The console: a head that stays, and the page of the place one is at. */
export function App() {
  return (
    <SettingsProvider>
      <Frame />
    </SettingsProvider>
  )
}

function Frame() {
  const words = useWords()
  const place = usePlace()
  const main = useRef<HTMLElement>(null)
  const address = 'id' in place ? `${place.page} ${place.id}` : place.page
  const isFirst = useRef(true)
  useEffect(() => {
    document.title = titleOf(place, words)
  })
  // Whoever moves on by the keyboard, or listens, begins at the new page.
  useEffect(() => {
    if (isFirst.current) isFirst.current = false
    else main.current?.focus({ preventScroll: true })
  }, [address])
  return (
    <div onClick={followLinks}>
      <a class="skip" href="#main">
        {words.skip}
      </a>
      <header class="top">
        <a class="brand" href="/">
          <img src={iconAddress()} alt="" width="22" height="22" /> assay
        </a>
        <nav aria-label={words.nav.main}>
          <ul>
            {(
              [
                ['/', words.nav.flow, 'flow'],
                ['/clusters', words.nav.clusters, 'clusters'],
                ['/policy', words.nav.policy, 'policy'],
              ] as const
            ).map(([to, name, page]) => (
              <li key={to}>
                <a href={to} {...(place.page === page ? { 'aria-current': 'page' as const } : {})}>
                  {name}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <Search />
        <Choices />
      </header>
      <main id="main" tabIndex={-1} ref={main} key={address}>
        <Page place={place} />
      </main>
    </div>
  )
}

function Page({ place }: { place: Place }) {
  switch (place.page) {
    case 'flow':
      return <FlowPage query={place.query} />
    case 'account':
      return <AccountPage id={place.id} />
    case 'verdict':
      return <VerdictPage id={place.id} />
    case 'cluster':
      return <ClusterPage id={place.id} />
    case 'clusters':
      return <ClustersPage />
    case 'policy':
      return <PolicyPage />
    case 'missing':
      return <MissingPage />
  }
}

function MissingPage() {
  const words = useWords()
  return (
    <>
      <h1>{words.missing.title}</h1>
      <p>{words.missing.text}</p>
      <p>
        <a href="/">{words.home}</a>
      </p>
    </>
  )
}

function Search() {
  const words = useWords()
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    const toField = (event: KeyboardEvent): void => {
      const isTyping = event.target instanceof Element && event.target.matches('input, textarea, select')
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      field.current?.focus()
    }
    addEventListener('keydown', toField)
    return () => {
      removeEventListener('keydown', toField)
    }
  }, [])
  return (
    <form
      class="search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault()
        const text = field.current?.value.trim() ?? ''
        if (text === '') return
        goTo(addressOfTyped(text))
        field.current!.value = ''
        scrollTo(0, 0)
      }}
    >
      <input
        ref={field}
        type="search"
        aria-label={words.search.label}
        aria-keyshortcuts="/"
        placeholder={words.search.hint}
        autocomplete="off"
        spellcheck={false}
        maxLength={256}
      />
      <button type="submit">{words.search.go}</button>
    </form>
  )
}

function Choices() {
  const { language, theme, words, setLanguage, setTheme } = useSettings()
  return (
    <div class="settings">
      <select
        aria-label={words.language}
        value={language}
        onChange={({ currentTarget: { value } }) => {
          setLanguage(value as Language)
        }}
      >
        {Object.values(languages).map(({ code, name }) => (
          <option key={code} value={code}>
            {name}
          </option>
        ))}
      </select>
      <select
        aria-label={words.theme.label}
        value={theme}
        onChange={({ currentTarget: { value } }) => {
          setTheme(value as Theme)
        }}
      >
        {themes.map((one) => (
          <option key={one} value={one}>
            {words.theme[one]}
          </option>
        ))}
      </select>
      {keptToken() === undefined ? null : (
        <button type="button" onClick={() => takeToken(undefined)}>
          {words.token.forget}
        </button>
      )}
    </div>
  )
}

function titleOf(place: Place, words: ReturnType<typeof useWords>): string {
  const name = {
    flow: words.flow.title,
    account: words.account.title,
    verdict: words.verdict.title,
    cluster: words.cluster.title,
    clusters: words.cluster.list,
    policy: words.policy.title,
    missing: words.missing.title,
  }[place.page]
  return `${name}${'id' in place ? ` ${plainly(place.id)}` : ''} · assay`
}

/** The build names the icon by what is in it, and the page has the name. */
function iconAddress(): string {
  return document.querySelector('link[rel=icon]')?.getAttribute('href') ?? ''
}
