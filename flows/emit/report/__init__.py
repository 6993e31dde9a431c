"""年度工作总结.docx and .html."""
