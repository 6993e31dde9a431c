"""What is wrong or doubtful in what was sent: alone, corrected, and compared with the others."""
