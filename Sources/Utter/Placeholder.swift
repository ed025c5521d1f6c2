// Utter
