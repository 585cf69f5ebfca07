package authtest

type adminDeviceRequest struct {
	UserPoolID string `aws:"UserPoolId,UserPoolId,required"`
	Username   string `aws:"Username,Username,required"`
	DeviceKey  string `aws:"DeviceKey,DeviceKey,required"`
}

func adminGetDevice(c *call, r *adminDeviceRequest) (*getDeviceResponse, *apiError) {
	u, err := c.target(r.UserPoolID, r.Username)
	if err != nil {
		return nil, err
	}
	return c.getDevice(u, r.DeviceKey)
}

func adminForgetDevice(c *call, r *adminDeviceRequest) (*noBody, *apiError) {
	u, err := c.target(r.UserPoolID, r.Username)
	if err != nil {
		return nil, err
	}
	return c.forgetDevice(u, r.DeviceKey)
}

type adminListDevicesRequest struct {
	UserPoolID      string `aws:"UserPoolId,UserPoolId,required"`
	Username        string `aws:"Username,Username,required"`
	Limit           int    `aws:"Limit,DeviceLimit"`
	PaginationToken string `aws:"PaginationToken"`
}

func adminListDevices(c *call, r *adminListDevicesRequest) (*listDevicesResponse, *apiError) {
	u, err := c.target(r.UserPoolID, r.Username)
	if err != nil {
		return nil, err
	}
	return c.listDevices(u, r.Limit, r.PaginationToken)
}

type adminUpdateDeviceStatusRequest struct {
	UserPoolID             string `aws:"UserPoolId,UserPoolId,required"`
	Username               string `aws:"Username,Username,required"`
	DeviceKey              string `aws:"DeviceKey,DeviceKey,required"`
	DeviceRememberedStatus string `aws:"DeviceRememberedStatus,DeviceRememberedStatus"`
}

func adminUpdateDeviceStatus(c *call, r *adminUpdateDeviceStatusRequest) (*empty, *apiError) {
	u, err := c.target(r.UserPoolID, r.Username)
	if err != nil {
		return nil, err
	}
	return c.updateDeviceStatus(u, r.DeviceKey, r.DeviceRememberedStatus)
}
