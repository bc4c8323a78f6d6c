// What the annotations of an alert say to a reader of one language: `summary_zh` stands beside `summary` for readers of
// Chinese. Called wherever people read alerts; programs get all of them as they are.
import type { Language } from './http/language.ts'
import type { Labels } from './model.ts'

// Empty where nobody wrote any.
export const annotationIn = (language: Language, annotations: Labels, name: string): string =>
  annotations[`${name}_${language}`] || annotations[name] || ''
