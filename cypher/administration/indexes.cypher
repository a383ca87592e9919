// Indexes over nodes, what each covers and whether it answers
// :returns label, properties, type, state
// :access read
SHOW INDEXES YIELD type, entityType, labelsOrTypes, properties, state
WHERE entityType = 'NODE' AND type <> 'LOOKUP'
RETURN labelsOrTypes[0] AS label, properties, type, state
ORDER BY label, properties, type
