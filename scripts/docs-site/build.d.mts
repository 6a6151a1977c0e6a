export interface SitePage {
  type: string;
  body: string;
}

/** Pages of the site that the docs are a part of. */
export interface SiteLinks {
  lang: string;
  label: string;
  links: [href: string, words: string][];
}

/**
 * @param root - the project's folder
 * @param around - links in the head of every page; without it there are none
 * @returns what the site has, by path
 */
export function buildSite(root: URL, around?: SiteLinks): Map<string, SitePage>;
