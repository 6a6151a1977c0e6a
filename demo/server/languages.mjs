import en from "../public/texts/en.js";
import { translator } from "../public/texts/lookup.js";
import zh from "../public/texts/zh.js";

/** By what `<html lang>` says. The first is for browsers that want none of them. */
export const languages = {
  en: { name: "English", t: translator(en) },
  zh: { name: "中文", t: translator(zh) },
};

const YEAR = 365 * 24 * 3600;

/**
 * The language of a request: `?lang=`, which is remembered in a cookie, or the cookie, or what the browser asks for.
 *
 * @returns {keyof typeof languages}
 */
export function languageOf(request, response) {
  response.vary("Accept-Language").vary("Cookie");
  const asked = known(request.query.lang);
  if (asked) response.append("Set-Cookie", `lang=${asked}; Path=/; Max-Age=${YEAR}; SameSite=Lax`);
  return (
    asked ?? known(cookieOf(request)) ?? (request.acceptsLanguages(Object.keys(languages)) || "en")
  );
}

/** The same page in another language, with the rest of its address. */
export function addressIn(language, request) {
  const url = new URL(request.originalUrl, "http://localhost");
  url.searchParams.set("lang", language);
  return url.pathname + url.search;
}

function known(language) {
  return typeof language === "string" && Object.hasOwn(languages, language) ? language : undefined;
}

function cookieOf({ headers }) {
  return /(?:^|;\s*)lang=(\w+)/.exec(headers.cookie ?? "")?.[1];
}
