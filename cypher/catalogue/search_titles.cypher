// Items whose title, in any language, has words of a text; the text is words, not Lucene syntax
// :param text STRING
// :param limit INTEGER = 20
// :returns item_id, title, score, graph
// :access read
WITH trim(reduce(words = toLower($text), sign IN
  ['\\', '+', '-', '&', '|', '!', '(', ')', '{', '}', '[', ']', '^', '"', '~', '*', '?', ':', '/', '<', '>', '=']
  | replace(words, sign, ' '))) AS words
WHERE words <> ''
CALL db.index.fulltext.queryNodes('item_text', words) YIELD node, score
RETURN node.id AS item_id, node.title AS title, score, [node] AS graph
ORDER BY score DESC, item_id
LIMIT $limit
