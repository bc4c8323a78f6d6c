import { expect, test } from 'vitest'
import { languageOf } from '#core/http/language.ts'

test('the best of ours that the browser names, else the fallback', () => {
  const t = (accept: string | undefined, language: string, fallback: 'en' | 'zh' = 'en') =>
    expect(languageOf(accept, fallback), accept).toBe(language)

  t(undefined, 'en')
  t('', 'zh', 'zh')
  t('zh', 'zh')
  t('zh-CN,zh;q=0.9,en;q=0.8', 'zh')
  t('zh-Hant-TW', 'zh')
  t('ZH-cn', 'zh')
  t('en-GB, zh;q=0.9', 'en')
  t('en;q=0.3, zh;q=0.7', 'zh')
  t('en;q=0.3, zh; q=0.7', 'zh')
  t('zh;q=0, en;q=0.1', 'en')
  t('fr, de;q=0.9', 'zh', 'zh')
  t('*', 'zh', 'zh')
  t('zh;q=junk', 'en')
  t(';;;,,,q=', 'en')
  // Not a word that begins like one of ours.
  t('english', 'zh', 'zh')
})
