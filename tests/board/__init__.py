"""The LED call board: lettering, driver, rules, agent."""
