export interface SitePage {
  type: string;
  body: string;
}

/**
 * @param root - the project's folder
 * @returns what the site has, by path
 */
export function buildSite(root: URL): Map<string, SitePage>;
