"""What a check says, in the form that a person or a tool reads: text, JSON, SARIF, JUnit, Markdown, HTML."""
