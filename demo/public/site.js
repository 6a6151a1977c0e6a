/* On every page. On a narrow one the navigation is moved sideways: to where one is. */
for (const link of document.querySelectorAll("nav [aria-current]")) {
  const nav = link.closest("nav");
  nav.scrollLeft = link.offsetLeft - nav.offsetLeft - nav.clientWidth / 2 + link.offsetWidth / 2;
}
