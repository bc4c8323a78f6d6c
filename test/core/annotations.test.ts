import { expect, test } from 'vitest'
import { annotationIn } from '#core/annotations.ts'
import { labelsOf } from '#core/labels.ts'

test('an annotation is read in the language of the reader where it is written in it', () => {
  const t = (language: 'en' | 'zh', annotations: Readonly<Record<string, string>>, wanted: string) =>
    expect(annotationIn(language, labelsOf(Object.entries(annotations)), 'summary')).toBe(wanted)

  t('zh', { summary: 'full', summary_zh: '已满' }, '已满')
  t('en', { summary: 'full', summary_zh: '已满' }, 'full')
  // Whoever writes Chinese first adds the English.
  t('en', { summary: '已满', summary_en: 'full' }, 'full')
  t('zh', { summary: '已满', summary_en: 'full' }, '已满')
  t('zh', { summary: 'full' }, 'full')
  t('zh', { summary: 'full', summary_zh: '' }, 'full')
  t('en', { summary_zh: '已满' }, '')
  t('zh', { summary_zh: '已满' }, '已满')
  t('zh', { description_zh: '详情' }, '')
})
