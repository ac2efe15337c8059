"""The link: one MQTT 5 connection that proves itself, for nodes, the controller and the command alike."""
