// Theme: changed at once, remembered in a cookie that the server reads, so the next page does not flash. The form is
// sent as well, without waiting for it: the account keeps the choice for other browsers.
import { behave } from './behaviours.js';
import { on, page, setCookie } from './dom.js';
import { say } from './words.js';

const THEMES = ['auto', 'light', 'dark'];
const themeTabs = 'BroadcastChannel' in window ? new BroadcastChannel('parley') : null;

function showTheme(theme) {
  page.dataset.theme = theme;
  for (const button of document.querySelectorAll('[data-behaviour~="theme"] button')) {
    button.setAttribute('aria-pressed', String(button.value === theme));
  }
  for (const button of document.querySelectorAll('[data-behaviour~="theme-button"]')) nameButton(button);
}

function chooseTheme(theme) {
  setCookie('theme', theme);
  showTheme(theme);
  themeTabs?.postMessage({ theme });
  const form = document.querySelector('form[data-behaviour~="theme"]');
  const body = new URLSearchParams({ theme, _csrf: form.elements._csrf.value });
  fetch(form.action, { method: 'POST', body, redirect: 'manual', keepalive: true }).catch(() => {});
}

function nameButton(button) {
  const words = { auto: button.dataset.likeSystem, light: button.dataset.light, dark: button.dataset.dark };
  const name = words[page.dataset.theme];
  button.setAttribute('aria-label', name);
  button.title = name;
}

on('click', '[data-behaviour~="theme"] button', (event, button) => {
  event.preventDefault();
  chooseTheme(button.value);
});
behave('theme-button', (button) => {
  nameButton(button);
  button.addEventListener('click', () => {
    chooseTheme(THEMES[(THEMES.indexOf(page.dataset.theme) + 1) % THEMES.length]);
    say(button.title);
  });
});
themeTabs?.addEventListener('message', (event) => { if (THEMES.includes(event.data?.theme)) showTheme(event.data.theme); });
