// Theme: changed at once, remembered in a cookie that the server reads, so the next page does not flash.
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
