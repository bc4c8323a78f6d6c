// Which of our languages does the reader want? Called by every page.

export const languages = ['en', 'zh'] as const
export type Language = (typeof languages)[number]

// By Accept-Language: the best weighted of ours, or the fallback.
export function languageOf(accept: string | undefined, fallback: Language = 'en'): Language {
  const wishes = (accept ?? '')
    .slice(0, 500)
    .split(',')
    .map(wish => {
      const [tag = '', ...parameters] = wish.trim().toLowerCase().split(';')
      const weight = parameters.map(each => each.trim()).find(each => each.startsWith('q='))
      return { tag: tag.split('-')[0]!, weight: weight === undefined ? 1 : Number(weight.slice(2)) || 0 }
    })
    .filter(wish => wish.weight > 0)
  let best: { language: Language; weight: number } | undefined
  for (const { tag, weight } of wishes) {
    const language = tag === '*' ? fallback : languages.find(each => each === tag)
    if (language !== undefined && weight > (best?.weight ?? 0)) best = { language, weight }
  }
  return best?.language ?? fallback
}
