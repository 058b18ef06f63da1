"""What the gas measurement is made of: the meter, our own work, the peers' work, the pages."""
