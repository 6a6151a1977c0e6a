export default {
  test: { environmentOptions: { jsdom: { url: process.env.SITE } } },
};
