import { createContext } from 'preact'
import type { ComponentChildren } from 'preact'
import { useContext, useLayoutEffect, useMemo, useState } from 'preact/hooks'
import { en } from './words/en'
import type { Words } from './words/en'
import { zh } from './words/zh'

export const languages = { en, zh } as const
export type Language = keyof typeof languages
export const themes = ['auto', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

/** What whoever looks has chosen; kept in the browser, and nowhere else. */
export interface Settings {
  readonly language: Language
  readonly theme: Theme
  readonly words: Words
  readonly setLanguage: (language: Language) => void
  readonly setTheme: (theme: Theme) => void
}

const Chosen = createContext<Settings | undefined>(undefined)

export function useSettings(): Settings {
  return useContext(Chosen)!
}

export function useWords(): Words {
  return useSettings().words
}

/** Hands the settings down and tells the page of them, for its styles and for who reads it aloud. */
export function SettingsProvider({ children }: { children: ComponentChildren }) {
  const [language, setLanguage] = useState<Language>(firstLanguage)
  const [theme, setTheme] = useState<Theme>(() => kept('theme', themes) ?? 'auto')
  const words = languages[language]
  useLayoutEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-Hans' : 'en'
    keep('language', language)
  }, [language])
  useLayoutEffect(() => {
    document.documentElement.dataset['theme'] = theme
    keep('theme', theme)
  }, [theme])
  const settings = useMemo(
    () => ({ language, theme, words, setLanguage, setTheme }),
    [language, theme, words],
  )
  return <Chosen.Provider value={settings}>{children}</Chosen.Provider>
}

function firstLanguage(): Language {
  return kept('language', ['en', 'zh']) ?? (navigator.language.startsWith('zh') ? 'zh' : 'en')
}

/** A choice that was kept; some browsers keep nothing, and then it is made anew. */
function kept<Value extends string>(name: string, values: readonly Value[]): Value | undefined {
  try {
    const found = localStorage.getItem(`assay-${name}`)
    return values.find((value) => value === found)
  } catch {
    return undefined
  }
}

function keep(name: string, value: string): void {
  try {
    localStorage.setItem(`assay-${name}`, value)
  } catch {
    // It holds until the page is closed.
  }
}
