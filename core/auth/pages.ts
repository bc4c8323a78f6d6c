// How the pages of the door look: the login, the welcome of the first administrator, and the link that is no
// longer good. Called by login-routes.ts and welcome-routes.ts.

import { coded, frame, type Html, html } from '../http/frame.ts'
import type { Language } from '../http/language.ts'
import { passwordMax, passwordMin } from './password.ts'
import { texts } from './texts.ts'

const alert = (problem: string | undefined): Html | undefined =>
  problem === undefined ? undefined : html`<p role="alert">${problem}</p>`

// On the first field that is empty.
const focus: Html = { html: ' autofocus' }

// `isAwaited`: nobody can log in before the first administrator is made, so the page says how that is done.
type LoginForm = Readonly<{ name: string; next: string; isAwaited: boolean; problem?: string | undefined }>

export function loginPage({ name, next, isAwaited, problem }: LoginForm, language: Language): string {
  const say = texts[language]
  const body = html`<form class="card door" method="post" action="/login">
<h1>${say.login}</h1>
${alert(problem)}
<input type="hidden" name="next" value="${next}">
<label>${say.name}<input name="name" value="${name}" autocomplete="username" autocapitalize="none" maxlength="64" required${name === '' && focus}></label>
<label>${say.password}<input name="password" type="password" autocomplete="current-password" maxlength="${passwordMax}" required${name !== '' && focus}></label>
<button>${say.login}</button>
<p class="soft">${coded(isAwaited ? say.nobodyYet : say.forgotten)}</p>
</form>`
  return frame({ title: say.login, body, language })
}

type WelcomeForm = Readonly<{ code: string; name: string; problem?: string | undefined }>

export function welcomePage({ code, name, problem }: WelcomeForm, language: Language): string {
  const say = texts[language]
  const lengths = html`minlength="${passwordMin}" maxlength="${passwordMax}"`
  const body = html`<form class="card door" method="post" action="/welcome">
<h1>${say.welcome}</h1>
<p>${say.welcomeWhy}</p>
${alert(problem)}
<input type="hidden" name="code" value="${code}">
<label>${say.name}<input name="name" value="${name}" autocomplete="username" autocapitalize="none" maxlength="64" required${name === '' && focus}></label>
<label>${say.password}<input name="password" type="password" autocomplete="new-password" ${lengths} required${name !== '' && focus}></label>
<p class="soft">${say.passwordHint}</p>
<label>${say.passwordAgain}<input name="again" type="password" autocomplete="new-password" ${lengths} required></label>
<button>${say.create}</button>
</form>`
  return frame({ title: say.welcome, body, language })
}

export function badLinkPage(language: Language): string {
  const say = texts[language]
  const body = html`<div class="card door">
<h1>${say.badLink}</h1>
<p>${say.badLinkWhy}</p>
<p><a href="/login">${say.login}</a></p>
</div>`
  return frame({ title: say.badLink, body, language })
}
